// Vector twins of polynomials.h and of requantisation, in the words of vectors_*.h. Polynomials take two vectors at a time: interleaving
// them hides some of their latency.
#ifndef TRIBUTARY_CKERNELS_VECTOR_POLYNOMIALS_H
#define TRIBUTARY_CKERNELS_VECTOR_POLYNOMIALS_H

#include "polynomials.h"

enum { pair_elements = 2 * vector_lanes };

typedef struct {
  vector_float low, high;
} vector_pair;

VECTOR_INLINE vector_pair pair_broadcast(float v) { return (vector_pair){vector_broadcast(v), vector_broadcast(v)}; }

VECTOR_INLINE vector_pair pair_load(const float *x) { return (vector_pair){vector_load(x), vector_load(x + vector_lanes)}; }

VECTOR_INLINE vector_pair pair_from_int16(const int16_t *x) {
  return (vector_pair){vector_from_int16(x), vector_from_int16(x + vector_lanes)};
}

VECTOR_INLINE vector_pair pair_from_int8(const int8_t *x) { return (vector_pair){vector_from_int8(x), vector_from_int8(x + vector_lanes)}; }

VECTOR_INLINE vector_pair pair_mul(vector_pair a, vector_pair b) {
  return (vector_pair){vector_mul(a.low, b.low), vector_mul(a.high, b.high)};
}

VECTOR_INLINE vector_pair pair_add(vector_pair a, vector_pair b) {
  return (vector_pair){vector_add(a.low, b.low), vector_add(a.high, b.high)};
}

VECTOR_INLINE vector_pair pair_scale(vector_pair a, vector_float b) { return (vector_pair){vector_mul(a.low, b), vector_mul(a.high, b)}; }

/// p · v + coefficient
VECTOR_INLINE vector_pair pair_step(vector_pair p, vector_pair v, float coefficient) {
  return pair_add(pair_mul(p, v), pair_broadcast(coefficient));
}

VECTOR_INLINE vector_pair pair_gelu(vector_pair x) {
  const vector_float bound = vector_broadcast(KERNELS_GELU_BOUND), none = vector_broadcast(0.0f);
  vector_pair z = {vector_min(vector_abs(x.low), bound), vector_min(vector_abs(x.high), bound)};
  vector_pair w = {vector_sub(bound, z.low), vector_sub(bound, z.high)};
  vector_pair square = pair_mul(w, w), even = pair_broadcast(KERNELS_GELU_8), odd = pair_broadcast(KERNELS_GELU_7);
  even = pair_step(even, square, KERNELS_GELU_6);
  odd = pair_step(odd, square, KERNELS_GELU_5);
  even = pair_step(even, square, KERNELS_GELU_4);
  odd = pair_step(odd, square, KERNELS_GELU_3);
  even = pair_step(even, square, KERNELS_GELU_2);
  odd = pair_step(odd, square, KERNELS_GELU_1);
  even = pair_step(even, square, KERNELS_GELU_0);
  vector_pair correction = pair_mul(pair_mul(square, z), pair_add(pair_mul(odd, w), even));
  return (vector_pair){vector_sub(vector_max(x.low, none), correction.low), vector_sub(vector_max(x.high, none), correction.high)};
}

/// t in −30...0.
VECTOR_INLINE vector_pair pair_exp2(vector_pair t) {
  vector_int low = vector_round(t.low), high = vector_round(t.high);
  vector_pair f = {vector_sub(t.low, vector_to_float(low)), vector_sub(t.high, vector_to_float(high))};
  vector_pair square = pair_mul(f, f), even = pair_broadcast(KERNELS_EXP2_4), odd = pair_broadcast(KERNELS_EXP2_5);
  even = pair_step(even, square, KERNELS_EXP2_2);
  odd = pair_step(odd, square, KERNELS_EXP2_3);
  even = pair_step(even, square, KERNELS_EXP2_0);
  odd = pair_step(odd, square, KERNELS_EXP2_1);
  vector_pair p = pair_add(pair_mul(odd, f), even);
  return (vector_pair){vector_scale_exponent(p.low, low), vector_scale_exponent(p.high, high)};
}

/// clamp(rne(v), ±limit) → pair_elements integers.
VECTOR_INLINE void pair_requantize(int16_t *y, vector_pair v, vector_float limit) {
  vector_float least = vector_sub(vector_broadcast(0.0f), limit);
  vector_int low = vector_round(vector_min(vector_max(v.low, least), limit));
  vector_int high = vector_round(vector_min(vector_max(v.high, least), limit));
  vector_store_int16(y, low, high);
}

#endif
