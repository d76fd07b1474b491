// The last step of a convolution, a window at a time, in the words of vectors_*.h.
#ifndef TRIBUTARY_CKERNELS_VECTOR_CONVOLUTION_H
#define TRIBUTARY_CKERNELS_VECTOR_CONVOLUTION_H

#include "convolution.h"
#include "vector_polynomials.h"

/// What the last step needs of a pair of vectors of outputs, zeros behind the last: read once for many windows.
typedef struct {
  size_t output, outputs; // the first, and how many
  int32_t sums[pair_elements];
  float multiplier[pair_elements], bias[pair_elements];
} output_constants;

VECTOR_INLINE output_constants constants_of(const kernels_convolution_arguments *a, size_t output, size_t outputs) {
  output_constants c = {.output = output, .outputs = kernels_min(outputs, pair_elements)};
  memcpy(c.sums, a->sums + output, c.outputs * sizeof *c.sums);
  memcpy(c.multiplier, a->multiplier + output, c.outputs * sizeof *c.multiplier);
  memcpy(c.bias, a->bias + output, c.outputs * sizeof *c.bias);
  return c;
}

VECTOR_INLINE vector_float convolution_value(const output_constants *c, vector_int sum, vector_int zero, size_t half) {
  vector_int total = vector_sub_int(sum, vector_mul_int(zero, vector_load_int(c->sums + half)));
  return vector_add(vector_mul(vector_to_float(total), vector_load(c->multiplier + half)), vector_load(c->bias + half));
}

/// Results of a pair of vectors of outputs of one window from their sums; `place` is the window's.
VECTOR_INLINE void convolution_store(const kernels_convolution_arguments *a, const output_constants *c, vector_int low, vector_int high,
                                     size_t place) {
  const vector_int zero = vector_broadcast_int(a->zero);
  vector_pair v = {convolution_value(c, low, zero, 0), convolution_value(c, high, zero, vector_lanes)};
  v = pair_activated(v, a->activation, a->rescale);
  int16_t results[pair_elements];
  uint8_t codes[pair_elements];
  const int is_whole = c->outputs == pair_elements;
  if (a->y) {
    int16_t *y = a->y + place + c->output;
    pair_requantize(is_whole ? y : results, v, vector_broadcast((float)a->limit));
    if (!is_whole) memcpy(y, results, c->outputs * sizeof *y);
  } else {
    uint8_t *y = a->y_codes + place + c->output;
    pair_encode(is_whole ? y : codes, v, vector_broadcast_int(a->y_zero));
    if (!is_whole) memcpy(y, codes, c->outputs);
  }
}

#endif
