#if defined(__x86_64__)
#include "tile_avx512vnni.h"

#include "forms.h"
#include "vector_gemm.h"

VECTOR_INLINE void compute_columns(const kernels_gemm_arguments *g, size_t row, size_t row_end, size_t column, const size_t blocks,
                                   size_t columns) {
  const size_t stride = g->rows.stride;
  tile_inputs x = {.parts = 1, .depth = kernels_round_up(g->inputs, KERNELS_BLOCK_DEPTH)};
  const int8_t *weights = g->weights + column * x.depth;
  int32_t sums[tile_rows][tile_columns];
  for (size_t rows; row < row_end; row += rows) {
    rows = next_rows(row_end - row);
    for (size_t r = 0; r < rows; r++) x.rows[r] = g->rows.codes + (row + r) * stride;
    multiply_rows(&x, rows, weights, blocks, sums);
    for (size_t r = 0; r < rows; r++) gemm_finish(g, sums[r], 0, row + r, column, columns);
  }
}

VECTOR_TARGET void kernels_qu8_gemm_12x32_avx512vnni(const kernels_gemm_arguments *g, size_t row_begin, size_t row_end,
                                                     size_t column_begin, size_t column_end) {
  for (size_t column = column_begin; column < column_end; column += tile_columns) {
    size_t columns = kernels_min(tile_columns, column_end - column);
    if (columns > KERNELS_BLOCK_COLUMNS) {
      compute_columns(g, row_begin, row_end, column, tile_blocks, columns);
    } else {
      compute_columns(g, row_begin, row_end, column, 1, columns);
    }
  }
}

#endif
