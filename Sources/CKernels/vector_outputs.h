// What the last step of a product or a convolution needs of its outputs, a pair of vectors of them, in the words of vectors_*.h.
#ifndef TRIBUTARY_CKERNELS_VECTOR_OUTPUTS_H
#define TRIBUTARY_CKERNELS_VECTOR_OUTPUTS_H

#include "vector_polynomials.h"

/// Zeros stand behind the last output: read once for many rows, so that every tile ends in vectors. An activation that is no curve is a
/// factor and two bounds, for a positive factor may come first: clamp(v · factor, low, high).
typedef struct {
  size_t first, count;
  _Alignas(vector_int) int32_t offset[pair_elements]; // −zero · the sum of the weights
  float multiplier[pair_elements], bias[pair_elements];
  kernels_activation activation;
  float factor, low, high;
} output_constants;

/// Of the outputs from `first` on, at most `count`; what they become lies in low...high.
VECTOR_INLINE output_constants constants_of(const int32_t *sums, const float *multiplier, const float *bias, size_t first, size_t count,
                                            int32_t zero, kernels_activation activation, float rescale, float low, float high) {
  output_constants c = {.first = first, .count = kernels_min(count, pair_elements), .activation = activation, .low = low, .high = high};
  for (size_t i = 0; i < c.count; i++) c.offset[i] = -zero * sums[first + i];
  memcpy(c.multiplier, multiplier + first, c.count * sizeof *c.multiplier);
  memcpy(c.bias, bias + first, c.count * sizeof *c.bias);
  c.factor = activation == KERNELS_IDENTITY ? 1.0f : rescale;
  if (activation == KERNELS_RELU || activation == KERNELS_RELU6) c.low = 0.0f;
  if (activation == KERNELS_RELU6) c.high = kernels_clamp(6.0f * rescale, 0.0f, high);
  return c;
}

/// v after the activation, rounded, in low...high.
VECTOR_INLINE void outputs_round(const output_constants *c, vector_pair v, vector_int *low, vector_int *high) {
  if (c->activation == KERNELS_GELU || c->activation == KERNELS_QUICK_GELU) v = pair_activated(v, c->activation, 1.0f);
  v = pair_clamp(pair_scale(v, vector_broadcast(c->factor)), vector_broadcast(c->low), vector_broadcast(c->high));
  *low = vector_round(v.low);
  *high = vector_round(v.high);
}

/// Stores them to y [count].
VECTOR_INLINE void outputs_store_int16(const output_constants *c, vector_int low, vector_int high, int16_t *y) {
  if (c->count == pair_elements) return vector_store_int16(y, low, high);
  vector_store_first_int16(y, low, high, c->count);
}

VECTOR_INLINE void outputs_store_uint8(const output_constants *c, vector_int low, vector_int high, uint8_t *y) {
  if (c->count == pair_elements) return vector_store_uint8(y, low, high);
  vector_store_first_uint8(y, low, high, c->count);
}

#endif
