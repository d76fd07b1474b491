// The last step of a matrix product, a row of a tile at a time, in the words of vectors_*.h.
#ifndef TRIBUTARY_CKERNELS_VECTOR_GEMM_H
#define TRIBUTARY_CKERNELS_VECTOR_GEMM_H

#include "gemm.h"
#include "vector_polynomials.h"

/// The value before activation at one vector of columns.
VECTOR_INLINE vector_float gemm_value(const kernels_gemm_arguments *g, const int32_t *sum, vector_int zero, vector_float step,
                                      size_t output) {
  vector_int total = vector_sub_int(vector_load_int(sum), vector_mul_int(zero, vector_load_int(g->sums + output)));
  vector_float v = vector_mul(vector_mul(vector_to_float(total), step), vector_load(g->multiplier + output));
  return vector_add(v, vector_load(g->bias + output));
}

/// sums [columns] = Σ (code − bias) · weight of one row → y of that row.
VECTOR_INLINE void gemm_finish(const kernels_gemm_arguments *g, const int32_t *sums, int32_t bias, size_t row, size_t column,
                               size_t columns) {
  const float step = kernels_row_step(g->rows, row);
  const vector_float steps = vector_broadcast(step), limit = vector_broadcast((float)g->limit);
  const int32_t zero = g->rows.zero[row] - bias;
  const vector_int zeros = vector_broadcast_int(zero);
  int16_t *y = g->y + row * g->y_stride + column;
  size_t i = 0;
  for (; i + pair_elements <= columns; i += pair_elements) {
    vector_pair v = {gemm_value(g, sums + i, zeros, steps, column + i),
                     gemm_value(g, sums + i + vector_lanes, zeros, steps, column + i + vector_lanes)};
    pair_requantize(y + i, pair_activated(v, g->activation, g->rescale), limit);
  }
  for (; i < columns; i++) y[i] = kernels_gemm_result(g, sums[i], zero, step, column + i);
}

#endif
