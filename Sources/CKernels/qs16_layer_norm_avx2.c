#if defined(__x86_64__)
#include "vectors_avx2.h"

#include "forms.h"
#include "vector_polynomials.h"

enum { step_elements = pair_elements };

VECTOR_INLINE int64_t sum_int64(__m256i v) {
  int64_t parts[4];
  _mm256_storeu_si256((__m256i *)parts, v);
  return parts[0] + parts[1] + parts[2] + parts[3];
}

VECTOR_INLINE kernels_normalization normalize(const int16_t *x, size_t width, double epsilon) {
  const __m256i ones = _mm256_set1_epi16(1), low_half = _mm256_set1_epi64x(0xFFFFFFFF);
  __m256i sums = _mm256_setzero_si256(), squares = _mm256_setzero_si256();
  size_t i = 0;
  for (; i + step_elements <= width; i += step_elements) {
    __m256i v = _mm256_loadu_si256((const __m256i *)(x + i));
    __m256i square = _mm256_madd_epi16(v, v);
    sums = _mm256_add_epi32(sums, _mm256_madd_epi16(v, ones));
    squares = _mm256_add_epi64(squares, _mm256_add_epi64(_mm256_and_si256(square, low_half), _mm256_srli_epi64(square, 32)));
  }
  int64_t sum = vector_sum(sums), total = sum_int64(squares);
  for (; i < width; i++) {
    sum += x[i];
    total += (int32_t)x[i] * x[i];
  }
  return kernels_normalize(sum, total, width, epsilon);
}

VECTOR_INLINE vector_float affine(const int16_t *x, kernels_normalization n, const float *gain, const float *shift) {
  vector_float v = vector_add(vector_mul(vector_from_int16(x), vector_broadcast(n.scale)), vector_broadcast(n.offset));
  return vector_add(vector_mul(v, vector_load(gain)), vector_load(shift));
}

VECTOR_TARGET void kernels_qs16_layer_norm_avx2(const int16_t *x, size_t x_stride, size_t m, size_t width, double epsilon,
                                               const float *gain, const float *shift, int16_t *y, size_t y_stride, int32_t limit) {
  const vector_float limits = vector_broadcast((float)limit);
  for (size_t row = 0; row < m; row++, x += x_stride, y += y_stride) {
    kernels_normalization n = normalize(x, width, epsilon);
    size_t i = 0;
    for (; i + step_elements <= width; i += step_elements) {
      vector_pair v = {affine(x + i, n, gain + i, shift + i),
                       affine(x + i + vector_lanes, n, gain + i + vector_lanes, shift + i + vector_lanes)};
      pair_requantize(y + i, v, limits);
    }
    for (; i < width; i++) y[i] = kernels_normalized(x[i], n, gain[i], shift[i], (float)limit);
  }
}

#endif
