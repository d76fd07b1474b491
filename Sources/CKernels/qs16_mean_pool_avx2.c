#if defined(__x86_64__)
#include "vectors_avx2.h"

#include "forms.h"
#include "vector_polynomials.h"

VECTOR_INLINE vector_int load(const int16_t *x) { return _mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)x)); }

VECTOR_INLINE void pool_columns(const int16_t *x, size_t x_stride, size_t m, float rescale, int16_t *y, int32_t limit) {
  vector_int low = vector_broadcast_int(0), high = vector_broadcast_int(0);
  for (size_t row = 0; row < m; row++, x += x_stride) {
    low = vector_add_int(low, load(x));
    high = vector_add_int(high, load(x + vector_lanes));
  }
  vector_pair sums = {vector_to_float(low), vector_to_float(high)};
  pair_requantize(y, pair_scale(sums, vector_broadcast(rescale / (float)m)), vector_broadcast((float)limit));
}

VECTOR_TARGET void kernels_qs16_mean_pool_avx2(const int16_t *x, size_t x_stride, size_t m, size_t width, float rescale, int16_t *y,
                                              int32_t limit) {
  size_t i = 0;
  for (; i + pair_elements <= width; i += pair_elements) pool_columns(x + i, x_stride, m, rescale, y + i, limit);
  kernels_qs16_mean_pool_portable(x + i, x_stride, m, width - i, rescale, y + i, limit);
}

#endif
