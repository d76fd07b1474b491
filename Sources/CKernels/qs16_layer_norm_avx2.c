#if defined(__x86_64__)
#include "avx2.h"
#include "forms.h"

enum { step_elements = 16 };

KERNELS_AVX2_INLINE kernels_normalization normalize(const int16_t *x, size_t width, double epsilon) {
  const __m256i ones = _mm256_set1_epi16(1), low_half = _mm256_set1_epi64x(0xFFFFFFFF);
  __m256i sums = _mm256_setzero_si256(), squares = _mm256_setzero_si256();
  size_t i = 0;
  for (; i + step_elements <= width; i += step_elements) {
    __m256i v = _mm256_loadu_si256((const __m256i *)(x + i));
    __m256i square = _mm256_madd_epi16(v, v);
    sums = _mm256_add_epi32(sums, _mm256_madd_epi16(v, ones));
    squares = _mm256_add_epi64(squares, _mm256_add_epi64(_mm256_and_si256(square, low_half), _mm256_srli_epi64(square, 32)));
  }
  int64_t sum = kernels_avx2_sum_int32(sums), total = kernels_avx2_sum_int64(squares);
  for (; i < width; i++) {
    sum += x[i];
    total += (int32_t)x[i] * x[i];
  }
  return kernels_normalize(sum, total, width, epsilon);
}

KERNELS_AVX2 void kernels_qs16_layer_norm_avx2(const int16_t *x, size_t x_stride, size_t m, size_t width, double epsilon,
                                               const float *gain, const float *shift, int16_t *y, size_t y_stride, int32_t limit) {
  const __m256 limits = _mm256_set1_ps((float)limit);
  for (size_t row = 0; row < m; row++, x += x_stride, y += y_stride) {
    kernels_normalization n = normalize(x, width, epsilon);
    __m256 scale = _mm256_set1_ps(n.scale), offset = _mm256_set1_ps(n.offset);
    size_t i = 0;
    for (; i + KERNELS_AVX2_LANES <= width; i += KERNELS_AVX2_LANES) {
      __m256 v = _mm256_add_ps(_mm256_mul_ps(kernels_avx2_from_int16(x + i), scale), offset);
      v = _mm256_add_ps(_mm256_mul_ps(v, _mm256_loadu_ps(gain + i)), _mm256_loadu_ps(shift + i));
      kernels_avx2_store_int16(y + i, kernels_avx2_requantize(v, limits));
    }
    for (; i < width; i++) y[i] = kernels_normalized(x[i], n, gain[i], shift[i], (float)limit);
  }
}

#endif
