#if defined(__x86_64__)
#include "avx2.h"
#include "forms.h"

KERNELS_AVX2 void kernels_qs16_gelu_avx2(const int16_t *x, int16_t *y, size_t count, float multiplier, float rescale, int32_t limit) {
  const __m256 multipliers = _mm256_set1_ps(multiplier), rescales = _mm256_set1_ps(rescale), limits = _mm256_set1_ps((float)limit);
  size_t i = 0;
  for (; i + KERNELS_AVX2_LANES <= count; i += KERNELS_AVX2_LANES) {
    __m256 v = kernels_avx2_gelu(_mm256_mul_ps(kernels_avx2_from_int16(x + i), multipliers));
    kernels_avx2_store_int16(y + i, kernels_avx2_requantize(_mm256_mul_ps(v, rescales), limits));
  }
  kernels_qs16_gelu_portable(x + i, y + i, count - i, multiplier, rescale, limit);
}

#endif
