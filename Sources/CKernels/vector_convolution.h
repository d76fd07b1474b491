// The last step of a convolution, a window at a time, in the words of vectors_*.h.
#ifndef TRIBUTARY_CKERNELS_VECTOR_CONVOLUTION_H
#define TRIBUTARY_CKERNELS_VECTOR_CONVOLUTION_H

#include "convolution.h"
#include "vector_outputs.h"

/// Of the outputs from `first` on, for sums of (code − bias) · weight.
VECTOR_INLINE output_constants convolution_constants(const kernels_convolution_arguments *a, size_t first, size_t count, int32_t bias) {
  const float low = a->y ? -(float)a->limit : -(float)a->y_zero, high = a->y ? (float)a->limit : (float)(255 - a->y_zero);
  return constants_of(a->sums, a->multiplier, a->bias, first, count, a->zero - bias, a->activation, a->rescale, low, high);
}

VECTOR_INLINE vector_float convolution_value(const output_constants *c, vector_int total, size_t half) {
  return vector_add(vector_mul(vector_to_float(total), vector_load(c->multiplier + half)), vector_load(c->bias + half));
}

/// Results of a pair of vectors of outputs of one window, from their sums of (code − zero) · weight; `place` is the window's.
VECTOR_INLINE void convolution_store(const kernels_convolution_arguments *a, const output_constants *c, vector_int low, vector_int high,
                                     size_t place) {
  vector_pair v = {convolution_value(c, low, 0), convolution_value(c, high, vector_lanes)};
  outputs_round(c, v, &low, &high);
  if (a->y) return outputs_store_int16(c, low, high, a->y + place + c->first);
  const vector_int zero = vector_broadcast_int(a->y_zero);
  outputs_store_uint8(c, vector_add_int(low, zero), vector_add_int(high, zero), a->y_codes + place + c->first);
}

#endif
