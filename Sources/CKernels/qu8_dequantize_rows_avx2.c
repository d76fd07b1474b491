#if defined(__x86_64__)
#include "avx2.h"
#include "forms.h"

KERNELS_AVX2 void kernels_qu8_dequantize_rows_avx2(kernels_rows rows, size_t m, size_t width, int16_t *y, size_t y_stride) {
  const __m256 limits = _mm256_set1_ps(32767.0f);
  for (size_t row = 0; row < m; row++, y += y_stride) {
    const uint8_t *codes = rows.codes + row * rows.stride;
    float step = kernels_row_step(rows, row);
    __m256 steps = _mm256_set1_ps(step);
    __m256i zeros = _mm256_set1_epi32(rows.zero[row]);
    size_t i = 0;
    for (; i + KERNELS_AVX2_LANES <= width; i += KERNELS_AVX2_LANES) {
      __m256i code = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(codes + i)));
      __m256 v = _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_sub_epi32(code, zeros)), steps);
      kernels_avx2_store_int16(y + i, kernels_avx2_requantize(v, limits));
    }
    for (; i < width; i++) y[i] = kernels_decoded(codes[i] - rows.zero[row], step);
  }
}

#endif
