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

VECTOR_INLINE vector_pair pair_quick_gelu(vector_pair x) {
  const vector_float rate = vector_broadcast(KERNELS_QUICK_GELU_RATE), least = vector_broadcast(-30.0f), one = vector_broadcast(1.0f);
  const vector_float none = vector_broadcast(0.0f);
  vector_pair z = {vector_abs(x.low), vector_abs(x.high)}, t = pair_scale(z, rate);
  vector_pair e = pair_exp2((vector_pair){vector_max(t.low, least), vector_max(t.high, least)});
  vector_pair sigma = {vector_div(e.low, vector_add(one, e.low)), vector_div(e.high, vector_add(one, e.high))};
  vector_pair correction = pair_mul(z, sigma);
  return (vector_pair){vector_sub(vector_max(x.low, none), correction.low), vector_sub(vector_max(x.high, none), correction.high)};
}

VECTOR_INLINE vector_pair pair_clamp(vector_pair v, vector_float low, vector_float high) {
  return (vector_pair){vector_min(vector_max(v.low, low), high), vector_min(vector_max(v.high, low), high)};
}

VECTOR_INLINE vector_pair pair_activated(vector_pair v, kernels_activation activation, float rescale) {
  const vector_float none = vector_broadcast(0.0f);
  switch (activation) {
    case KERNELS_GELU: v = pair_gelu(v); break;
    case KERNELS_QUICK_GELU: v = pair_quick_gelu(v); break;
    case KERNELS_RELU: v = (vector_pair){vector_max(v.low, none), vector_max(v.high, none)}; break;
    case KERNELS_RELU6: v = pair_clamp(v, none, vector_broadcast(6.0f)); break;
    default: return v;
  }
  return pair_scale(v, vector_broadcast(rescale));
}

/// clamp(rne(clamp(v, ±2^20)) + zero, 0, 255) → pair_elements codes.
VECTOR_INLINE void pair_encode(uint8_t *y, vector_pair v, vector_int zero) {
  v = pair_clamp(v, vector_broadcast(-0x1p20f), vector_broadcast(0x1p20f));
  vector_store_uint8(y, vector_add_int(vector_round(v.low), zero), vector_add_int(vector_round(v.high), zero));
}

/// clamp(rne(v), ±limit) → pair_elements integers.
VECTOR_INLINE void pair_requantize(int16_t *y, vector_pair v, vector_float limit) {
  v = pair_clamp(v, vector_sub(vector_broadcast(0.0f), limit), limit);
  vector_store_int16(y, vector_round(v.low), vector_round(v.high));
}

#endif
