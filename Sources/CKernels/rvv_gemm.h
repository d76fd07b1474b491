// The matrix product of RISC-V's vectors: tiles of six rows by the columns of a pair of vectors, blocks with a proof in its runs.
#ifndef TRIBUTARY_CKERNELS_RVV_GEMM_H
#define TRIBUTARY_CKERNELS_RVV_GEMM_H

#include "forms.h"
#include "rvv_tile.h"
#include "vector_gemm.h"

/// The columns `c` of rows row ..< row_end.
VECTOR_INLINE void compute_columns(const kernels_gemm_arguments *g, const output_constants *c, size_t row, size_t row_end) {
  const size_t within = c->first % KERNELS_BLOCK_COLUMNS, block = c->first / KERNELS_BLOCK_COLUMNS;
  const size_t depth = kernels_round_up(g->inputs, KERNELS_BLOCK_DEPTH), proved = g->proof ? g->proof[block] : 0;
  const int8_t *weights = g->weights + block * KERNELS_BLOCK_COLUMNS * depth + within * KERNELS_BLOCK_DEPTH;
  rvv_tile_inputs x = {.parts = 1, .part_stride = depth, .groups = depth / KERNELS_BLOCK_DEPTH, .run = proved > 0 ? proved : 1};
  int32_t sums[rvv_tile_rows][pair_elements];
  for (size_t rows; row < row_end; row += rows) {
    rows = rvv_next_rows(row_end - row);
    for (size_t r = 0; r < rows; r++) x.rows[r] = g->rows.codes + (row + r) * g->rows.stride;
    kernels_rvv_tile(&x, rows, weights, pair_elements, sums[0]);
    for (size_t r = 0; r < rows; r++) gemm_finish(g, c, sums[r], rvv_code_bias, row + r);
  }
}

VECTOR_INLINE void compute(const kernels_gemm_arguments *g, size_t row_begin, size_t row_end, size_t column_begin, size_t column_end) {
  for (size_t column = column_begin; column < column_end; column += pair_elements) {
    const output_constants c = gemm_constants(g, column, column_end - column);
    compute_columns(g, &c, row_begin, row_end);
  }
}

#endif
