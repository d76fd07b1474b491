// Codes are the unsigned operand of the dot product of bytes and weights the signed one, as they lie.
#if defined(__x86_64__)
#include "vectors_avx512vnni.h"

#include "forms.h"
#include "vector_gemm.h"

enum {
  tile_rows = 12,
  small_rows = 4,
  tile_blocks = 2,
  tile_columns = tile_blocks * KERNELS_BLOCK_COLUMNS,
  group_bytes = KERNELS_BLOCK_COLUMNS * KERNELS_BLOCK_DEPTH,
};

_Static_assert(vector_lanes == KERNELS_BLOCK_COLUMNS, "a vector holds one group of a block");

/// A constant number of rows and of blocks of columns.
VECTOR_INLINE void compute_tile(const kernels_gemm_arguments *g, size_t row, const size_t rows, size_t column, const size_t blocks,
                                size_t columns) {
  size_t depth = kernels_round_up(g->inputs, KERNELS_BLOCK_DEPTH), stride = g->rows.stride;
  const uint8_t *codes = g->rows.codes + row * stride;
  const int8_t *weights = g->weights + column * depth;
  vector_int sums[tile_rows][tile_blocks];
  for (size_t r = 0; r < rows; r++) {
    for (size_t b = 0; b < blocks; b++) sums[r][b] = vector_broadcast_int(0);
  }
  for (size_t k = 0; k < depth; k += KERNELS_BLOCK_DEPTH, codes += KERNELS_BLOCK_DEPTH, weights += group_bytes) {
    vector_int group[tile_blocks];
    for (size_t b = 0; b < blocks; b++) group[b] = _mm512_loadu_si512(weights + b * depth * KERNELS_BLOCK_COLUMNS);
    for (size_t r = 0; r < rows; r++) {
      int32_t bits;
      memcpy(&bits, codes + r * stride, sizeof bits);
      vector_int code = vector_broadcast_int(bits);
      for (size_t b = 0; b < blocks; b++) sums[r][b] = vector_add_quads(sums[r][b], code, group[b]);
    }
  }
  int32_t stored[tile_rows][tile_columns];
  for (size_t r = 0; r < rows; r++) {
    for (size_t b = 0; b < blocks; b++) vector_store_int(stored[r] + b * KERNELS_BLOCK_COLUMNS, sums[r][b]);
  }
  for (size_t r = 0; r < rows; r++) gemm_finish(g, stored[r], 0, row + r, column, columns);
}

VECTOR_INLINE void compute_columns(const kernels_gemm_arguments *g, size_t row, size_t row_end, size_t column, const size_t blocks,
                                   size_t columns) {
  for (; row + tile_rows <= row_end; row += tile_rows) compute_tile(g, row, tile_rows, column, blocks, columns);
  for (; row + small_rows <= row_end; row += small_rows) compute_tile(g, row, small_rows, column, blocks, columns);
  for (; row < row_end; row++) compute_tile(g, row, 1, column, blocks, columns);
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
