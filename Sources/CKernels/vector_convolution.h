// The last step of a convolution, a window at a time, in the words of vectors_*.h.
#ifndef TRIBUTARY_CKERNELS_VECTOR_CONVOLUTION_H
#define TRIBUTARY_CKERNELS_VECTOR_CONVOLUTION_H

#include "convolution.h"
#include "vector_polynomials.h"

VECTOR_INLINE vector_float convolution_value(const kernels_convolution_arguments *a, vector_int sum, vector_int zero, size_t output) {
  vector_int total = vector_sub_int(sum, vector_mul_int(zero, vector_load_int(a->sums + output)));
  return vector_add(vector_mul(vector_to_float(total), vector_load(a->multiplier + output)), vector_load(a->bias + output));
}

/// Results of pair_elements outputs from their sums, `place` elements behind y.
VECTOR_INLINE void convolution_store(const kernels_convolution_arguments *a, vector_int low, vector_int high, size_t output,
                                     size_t place) {
  const vector_int zero = vector_broadcast_int(a->zero);
  vector_pair v = {convolution_value(a, low, zero, output), convolution_value(a, high, zero, output + vector_lanes)};
  v = pair_activated(v, a->activation, a->rescale);
  if (a->y) {
    pair_requantize(a->y + place, v, vector_broadcast((float)a->limit));
  } else {
    pair_encode(a->y_codes + place, v, vector_broadcast_int(a->y_zero));
  }
}

/// sums [columns] of one window → its results from output `column` on.
VECTOR_INLINE void convolution_finish(const kernels_convolution_arguments *a, const int32_t *sums, size_t window, size_t column,
                                      size_t columns) {
  size_t place = kernels_window_result(a, window) + column, i = 0;
  for (; i + pair_elements <= columns; i += pair_elements) {
    convolution_store(a, vector_load_int(sums + i), vector_load_int(sums + i + vector_lanes), column + i, place + i);
  }
  for (; i < columns; i++) kernels_convolution_store(a, sums[i], column + i, place + i);
}

#endif
