// Sums of products of four bytes a lane, in the words of vectors_*.h: codes are the unsigned operand, weights the signed one. Who has no
// dot product of bytes takes that of 16-bit pairs, bytes (0, 2) and (1, 3) apart.
#ifndef TRIBUTARY_CKERNELS_VECTOR_QUADS_H
#define TRIBUTARY_CKERNELS_VECTOR_QUADS_H

#include "common.h"

#ifdef VECTOR_DOT_QUADS
typedef vector_int vector_quads;
typedef vector_int vector_quad_sums;

VECTOR_INLINE vector_quads quads_of_codes(vector_int v) { return v; }
VECTOR_INLINE vector_quads quads_of_weights(vector_int v) { return v; }
VECTOR_INLINE vector_quad_sums begin_quads(vector_int begin) { return begin; }
VECTOR_INLINE vector_quad_sums add_quads(vector_quad_sums sum, vector_quads codes, vector_quads weights) {
  return VECTOR_DOT_QUADS(sum, codes, weights);
}
VECTOR_INLINE vector_int total_quads(vector_quad_sums sum) { return sum; }
#else
typedef struct {
  vector_int even, odd;
} vector_quads;
typedef vector_pair_sums vector_quad_sums;

VECTOR_INLINE vector_quads quads_of_codes(vector_int v) { return (vector_quads){vector_even_codes(v), vector_odd_codes(v)}; }
VECTOR_INLINE vector_quads quads_of_weights(vector_int v) { return (vector_quads){vector_even_bytes(v), vector_odd_bytes(v)}; }
VECTOR_INLINE vector_quad_sums begin_quads(vector_int begin) { return vector_begin_pairs(begin); }
VECTOR_INLINE vector_quad_sums add_quads(vector_quad_sums sum, vector_quads codes, vector_quads weights) {
  return vector_add_pairs(vector_add_pairs(sum, codes.even, weights.even), codes.odd, weights.odd);
}
VECTOR_INLINE vector_int total_quads(vector_quad_sums sum) { return vector_total_pairs(sum); }
#endif

typedef struct {
  vector_quads low, high;
} quads_pair;

typedef struct {
  vector_quad_sums low, high;
} quad_sums_pair;

VECTOR_INLINE quad_sums_pair pair_begin_quads(vector_int low, vector_int high) {
  return (quad_sums_pair){begin_quads(low), begin_quads(high)};
}

VECTOR_INLINE quad_sums_pair pair_add_quads(quad_sums_pair sums, quads_pair codes, quads_pair weights) {
  return (quad_sums_pair){add_quads(sums.low, codes.low, weights.low), add_quads(sums.high, codes.high, weights.high)};
}

#endif
