// Layer norm in the words of vectors_*.h.
#ifndef TRIBUTARY_CKERNELS_VECTOR_LAYER_NORM_H
#define TRIBUTARY_CKERNELS_VECTOR_LAYER_NORM_H

#include "forms.h"
#include "vector_polynomials.h"

/// The affine map of a row, from its exact sums.
VECTOR_INLINE kernels_normalization row_normalization(const int16_t *x, size_t width, double epsilon) {
  vector_int sums = vector_broadcast_int(0);
  vector_long squares = vector_no_squares();
  size_t i = 0;
  for (; i + pair_elements <= width; i += pair_elements) {
    vector_shorts v = vector_load_shorts(x + i);
    sums = vector_add_shorts(sums, v);
    squares = vector_add_squares(squares, v);
  }
  int64_t sum = vector_sum(sums), total = vector_sum_long(squares);
  for (; i < width; i++) {
    sum += x[i];
    total += (int32_t)x[i] * x[i];
  }
  return kernels_normalize(sum, total, width, epsilon);
}

/// (x · scale + offset) · gain + shift
VECTOR_INLINE vector_pair pair_normalize(const int16_t *x, vector_float scale, vector_pair offset, const float *gain, const float *shift) {
  vector_pair v = pair_add(pair_scale(pair_from_int16(x), scale), offset);
  return pair_add(pair_mul(v, pair_load(gain)), pair_load(shift));
}

VECTOR_TARGET void VECTOR_FORM(qs16_layer_norm)(const int16_t *x, size_t x_stride, size_t m, size_t width, double epsilon,
                                                const float *gain, const float *shift, int16_t *y, size_t y_stride, int32_t limit) {
  const vector_float limits = vector_broadcast((float)limit);
  for (size_t row = 0; row < m; row++, x += x_stride, y += y_stride) {
    const kernels_normalization n = row_normalization(x, width, epsilon);
    const vector_float scale = vector_broadcast(n.scale);
    const vector_pair offset = pair_broadcast(n.offset);
    size_t i = 0;
    for (; i + pair_elements <= width; i += pair_elements) {
      pair_requantize(y + i, pair_normalize(x + i, scale, offset, gain + i, shift + i), limits);
    }
    for (; i < width; i++) y[i] = kernels_normalized(x[i], n, gain[i], shift[i], (float)limit);
  }
}

#endif
