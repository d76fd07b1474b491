#if defined(__x86_64__)
#include "avx2.h"
#include "forms.h"

KERNELS_AVX2 void kernels_qs16_add_avx2(const int16_t *a, float a_multiplier, const int16_t *b, float b_multiplier, int16_t *y,
                                        size_t count, int32_t limit) {
  const __m256 a_multipliers = _mm256_set1_ps(a_multiplier), b_multipliers = _mm256_set1_ps(b_multiplier);
  const __m256 limits = _mm256_set1_ps((float)limit);
  size_t i = 0;
  for (; i + KERNELS_AVX2_LANES <= count; i += KERNELS_AVX2_LANES) {
    __m256 left = _mm256_mul_ps(kernels_avx2_from_int16(a + i), a_multipliers);
    __m256 right = _mm256_mul_ps(kernels_avx2_from_int16(b + i), b_multipliers);
    kernels_avx2_store_int16(y + i, kernels_avx2_requantize(_mm256_add_ps(left, right), limits));
  }
  kernels_qs16_add_portable(a + i, a_multiplier, b + i, b_multiplier, y + i, count - i, limit);
}

#endif
