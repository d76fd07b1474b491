#if defined(__x86_64__)
#include "avx2.h"
#include "forms.h"

KERNELS_AVX2 void kernels_qs8_embedding_avx2(const kernels_embedding_arguments *e, size_t begin, size_t end) {
  const __m256 limits = _mm256_set1_ps((float)e->limit);
  for (size_t row = begin; row < end; row++) {
    size_t id = (size_t)e->ids[row];
    const int8_t *token = e->tokens + id * e->width, *position = e->positions + row * e->width;
    float t = e->token_scale[id] * e->inverse_scale, p = e->position_scale[row] * e->inverse_scale;
    const __m256 token_scale = _mm256_set1_ps(t), position_scale = _mm256_set1_ps(p);
    int16_t *y = e->y + row * e->width;
    size_t i = 0;
    for (; i + KERNELS_AVX2_LANES <= e->width; i += KERNELS_AVX2_LANES) {
      __m256 tokens = _mm256_mul_ps(kernels_avx2_from_int8(token + i), token_scale);
      __m256 positions = _mm256_mul_ps(kernels_avx2_from_int8(position + i), position_scale);
      kernels_avx2_store_int16(y + i, kernels_avx2_requantize(_mm256_add_ps(tokens, positions), limits));
    }
    for (; i < e->width; i++) y[i] = kernels_requantize((float)token[i] * t + (float)position[i] * p, (float)e->limit);
  }
}

#endif
