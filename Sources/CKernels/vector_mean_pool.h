// Mean pooling in the words of vectors_*.h.
#ifndef TRIBUTARY_CKERNELS_VECTOR_MEAN_POOL_H
#define TRIBUTARY_CKERNELS_VECTOR_MEAN_POOL_H

#include "forms.h"
#include "vector_polynomials.h"

/// The mean of pair_elements columns, scale = rescale / m.
VECTOR_INLINE void pool_columns(const int16_t *x, size_t x_stride, size_t m, float scale, int16_t *y, int32_t limit) {
  vector_int low = vector_broadcast_int(0), high = vector_broadcast_int(0);
  for (size_t row = 0; row < m; row++, x += x_stride) {
    low = vector_add_int(low, vector_int_from_int16(x));
    high = vector_add_int(high, vector_int_from_int16(x + vector_lanes));
  }
  vector_pair sums = {vector_to_float(low), vector_to_float(high)};
  pair_requantize(y, pair_scale(sums, vector_broadcast(scale)), vector_broadcast((float)limit));
}

VECTOR_TARGET void VECTOR_FORM(qs16_mean_pool)(const int16_t *x, size_t x_stride, size_t m, size_t width, float rescale, int16_t *y,
                                               int32_t limit) {
  const float scale = rescale / (float)m;
  size_t i = 0;
  for (; i + pair_elements <= width; i += pair_elements) pool_columns(x + i, x_stride, m, scale, y + i, limit);
  kernels_qs16_mean_pool_portable(x + i, x_stride, m, width - i, rescale, y + i, limit);
}

#endif
