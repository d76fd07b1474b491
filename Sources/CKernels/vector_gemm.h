// The last step of a matrix product, a row of a tile at a time, in the words of vectors_*.h.
#ifndef TRIBUTARY_CKERNELS_VECTOR_GEMM_H
#define TRIBUTARY_CKERNELS_VECTOR_GEMM_H

#include "vector_outputs.h"

VECTOR_INLINE output_constants gemm_constants(const kernels_gemm_arguments *g, size_t first, size_t count) {
  const float limit = (float)g->limit;
  return constants_of(g->sums, g->multiplier, g->bias, first, count, 1, g->activation, g->rescale, -limit, limit);
}

/// The value before activation at one vector of columns.
VECTOR_INLINE vector_float gemm_value(const output_constants *c, const int32_t *sums, vector_int zero, vector_float step, size_t half) {
  vector_int total = vector_add_int(vector_load_int(sums + half), vector_mul_int(zero, vector_load_int(c->offset + half)));
  vector_float v = vector_mul(vector_mul(vector_to_float(total), step), vector_load(c->multiplier + half));
  return vector_add(v, vector_load(c->bias + half));
}

/// sums [pair_elements] = Σ (code − bias) · weight of one row → y of that row.
VECTOR_INLINE void gemm_finish(const kernels_gemm_arguments *g, const output_constants *c, const int32_t *sums, int32_t bias, size_t row) {
  const vector_int zero = vector_broadcast_int(g->rows.zero[row] - bias);
  const vector_float step = vector_broadcast(kernels_row_step(g->rows, row));
  vector_int low, high;
  vector_pair v = {gemm_value(c, sums, zero, step, 0), gemm_value(c, sums, zero, step, vector_lanes)};
  outputs_round(c, v, &low, &high);
  outputs_store_int16(c, low, high, g->y + row * g->y_stride + c->first);
}

#endif
