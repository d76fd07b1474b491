// The matrix product by dot products of bytes, in the words of vectors_*.h: codes are the unsigned operand and weights the signed one, as
// they lie. For a file that includes those and says its tile: tile_rows, small_rows (for the rows that are left) and tile_blocks.
#ifndef TRIBUTARY_CKERNELS_VECTOR_DOT_GEMM_H
#define TRIBUTARY_CKERNELS_VECTOR_DOT_GEMM_H

#include "vector_gemm.h"

enum {
  tile_columns = tile_blocks * KERNELS_BLOCK_COLUMNS,
  block_vectors = KERNELS_BLOCK_COLUMNS / vector_lanes,
  tile_vectors = tile_blocks * block_vectors,
  vector_bytes = vector_lanes * KERNELS_BLOCK_DEPTH,
  group_bytes = KERNELS_BLOCK_COLUMNS * KERNELS_BLOCK_DEPTH,
};

_Static_assert(block_vectors * vector_lanes == KERNELS_BLOCK_COLUMNS, "vectors hold one group of a block");

/// A constant number of rows and of blocks of columns.
VECTOR_INLINE void compute_tile(const kernels_gemm_arguments *g, size_t row, const size_t rows, size_t column, const size_t blocks,
                                size_t columns) {
  size_t depth = kernels_round_up(g->inputs, KERNELS_BLOCK_DEPTH), stride = g->rows.stride;
  const uint8_t *codes = g->rows.codes + row * stride;
  const int8_t *weights = g->weights + column * depth;
  const size_t vectors = blocks * block_vectors;
  vector_int sums[tile_rows][tile_vectors];
  for (size_t r = 0; r < rows; r++) {
    for (size_t v = 0; v < vectors; v++) sums[r][v] = vector_broadcast_int(0);
  }
  for (size_t k = 0; k < depth; k += KERNELS_BLOCK_DEPTH, codes += KERNELS_BLOCK_DEPTH, weights += group_bytes) {
    vector_int group[tile_vectors];
    for (size_t v = 0; v < vectors; v++) {
      const int8_t *place = weights + v / block_vectors * depth * KERNELS_BLOCK_COLUMNS + v % block_vectors * vector_bytes;
      group[v] = vector_load_int((const int32_t *)place);
    }
    for (size_t r = 0; r < rows; r++) {
      int32_t bits;
      memcpy(&bits, codes + r * stride, sizeof bits);
      vector_int code = vector_broadcast_int(bits);
      for (size_t v = 0; v < vectors; v++) sums[r][v] = vector_add_quads(sums[r][v], code, group[v]);
    }
  }
  int32_t stored[tile_rows][tile_columns];
  for (size_t r = 0; r < rows; r++) {
    for (size_t v = 0; v < vectors; v++) vector_store_int(stored[r] + v * vector_lanes, sums[r][v]);
  }
  for (size_t r = 0; r < rows; r++) gemm_finish(g, stored[r], row + r, column, columns);
}

VECTOR_INLINE void compute_columns(const kernels_gemm_arguments *g, size_t row, size_t row_end, size_t column, const size_t blocks,
                                   size_t columns) {
  for (; row + tile_rows <= row_end; row += tile_rows) compute_tile(g, row, tile_rows, column, blocks, columns);
  for (; row + small_rows <= row_end; row += small_rows) compute_tile(g, row, small_rows, column, blocks, columns);
  for (; row < row_end; row++) compute_tile(g, row, 1, column, blocks, columns);
}

VECTOR_INLINE void dot_gemm(const kernels_gemm_arguments *g, size_t row_begin, size_t row_end, size_t column_begin, size_t column_end) {
  for (size_t column = column_begin; column < column_end; column += tile_columns) {
    size_t columns = kernels_min(tile_columns, column_end - column);
    if (tile_blocks == 1 || columns > tile_columns - KERNELS_BLOCK_COLUMNS) {
      compute_columns(g, row_begin, row_end, column, tile_blocks, columns);
    } else {
      compute_columns(g, row_begin, row_end, column, 1, columns);
    }
  }
}

#endif
