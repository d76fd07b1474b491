// The tile that matrix products and convolutions with AVX512-VNNI share. Codes are the unsigned operand of the dot product of bytes and
// weights the signed one, as they lie.
#ifndef TRIBUTARY_CKERNELS_TILE_AVX512VNNI_H
#define TRIBUTARY_CKERNELS_TILE_AVX512VNNI_H

#include "vectors_avx512vnni.h"

enum {
  tile_rows = 12,
  tile_blocks = 2,
  tile_columns = tile_blocks * KERNELS_BLOCK_COLUMNS,
  group_bytes = KERNELS_BLOCK_COLUMNS * KERNELS_BLOCK_DEPTH,
};

_Static_assert(vector_lanes == KERNELS_BLOCK_COLUMNS, "a vector holds one group of a block");

/// Where the inputs of a tile lie: `parts` runs of `depth` codes (a multiple of 4), part_stride apart, for each row.
typedef struct {
  const uint8_t *rows[tile_rows];
  size_t parts, part_stride, depth;
} tile_inputs;

/// sums [rows][tile_columns] = Σ code · weight, for a constant number of rows and of blocks of columns.
VECTOR_INLINE void multiply_tile(const tile_inputs *x, const size_t rows, const int8_t *weights, const size_t blocks,
                                 int32_t sums[tile_rows][tile_columns]) {
  const size_t block_bytes = x->parts * x->depth * KERNELS_BLOCK_COLUMNS;
  vector_int totals[tile_rows][tile_blocks];
  for (size_t r = 0; r < rows; r++) {
    for (size_t b = 0; b < blocks; b++) totals[r][b] = vector_broadcast_int(0);
  }
  for (size_t part = 0; part < x->parts; part++) {
    for (size_t k = part * x->part_stride, end = k + x->depth; k < end; k += KERNELS_BLOCK_DEPTH, weights += group_bytes) {
      vector_int group[tile_blocks];
      for (size_t b = 0; b < blocks; b++) group[b] = _mm512_loadu_si512(weights + b * block_bytes);
      for (size_t r = 0; r < rows; r++) {
        int32_t bits;
        memcpy(&bits, x->rows[r] + k, sizeof bits);
        vector_int code = vector_broadcast_int(bits);
        for (size_t b = 0; b < blocks; b++) totals[r][b] = vector_add_quads(totals[r][b], code, group[b]);
      }
    }
  }
  for (size_t r = 0; r < rows; r++) {
    for (size_t b = 0; b < blocks; b++) vector_store_int(sums[r] + b * KERNELS_BLOCK_COLUMNS, totals[r][b]);
  }
}

/// The rows of the next tile where `left` rows are left.
static inline size_t next_rows(size_t left) {
  static const uint8_t rows[tile_rows + 1] = {0, 1, 2, 2, 4, 4, 4, 4, 8, 8, 8, 8, tile_rows};
  return left == 16 || left == 20 ? 8 : rows[kernels_min(left, tile_rows)];
}

/// multiply_tile for a number of rows that next_rows gives, and 1 or 2 blocks.
VECTOR_INLINE void multiply_rows(const tile_inputs *x, size_t rows, const int8_t *weights, const size_t blocks,
                                 int32_t sums[tile_rows][tile_columns]) {
  switch (rows) {
    case tile_rows: return multiply_tile(x, tile_rows, weights, blocks, sums);
    case 8: return multiply_tile(x, 8, weights, blocks, sums);
    case 4: return multiply_tile(x, 4, weights, blocks, sums);
    case 2: return multiply_tile(x, 2, weights, blocks, sums);
    default: return multiply_tile(x, 1, weights, blocks, sums);
  }
}

#endif
