// The tile of products that the matrix product and the convolution for RISC-V's vectors stand on.
#ifndef TRIBUTARY_CKERNELS_RVV_TILE_H
#define TRIBUTARY_CKERNELS_RVV_TILE_H

#include "common.h"

enum { rvv_tile_rows = 6, rvv_code_bias = 128, rvv_group_bytes = KERNELS_BLOCK_COLUMNS * KERNELS_BLOCK_DEPTH };

/// Where the inputs of a tile lie: `parts` runs of `groups` groups of 4 codes, part_stride apart, for each row.
typedef struct {
  const uint8_t *rows[rvv_tile_rows];
  size_t parts, part_stride, groups;
  size_t run; // groups of a part, from each multiple of this on, that may be summed in 16 bits: 1 for any weights, or a proved run
} rvv_tile_inputs;

/// sums [rows][columns] = Σ (code − 128) · weight, for 6, 4, 2 or 1 rows and the first columns of what `weights` points to in a block:
/// 8, or 16 where a vector has 256 bits.
void kernels_rvv_tile(const rvv_tile_inputs *x, size_t rows, const int8_t *weights, size_t columns, int32_t *sums);

/// The rows of the next tile where `left` rows are left.
static inline size_t rvv_next_rows(size_t left) { return left >= 6 ? 6 : left >= 4 ? 4 : left >= 2 ? 2 : 1; }

#endif
