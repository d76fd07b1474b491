// The matrix product of NEON without a dot product. A file that includes this gives `tile_rows`.
//
// Codes less 128 are signed bytes (−128...127) like the weights (−127...127), so two products fit 16 bits: |sum| ≤ 2 · 128 · 127 = 32512.
// Eight bytes of weights are 2 outputs × 4 inputs, and those of the next group the same outputs at the next inputs: one long product, one
// long multiply-add and one pairwise add to 32 bits take 16 products, where widening to 16 bits first would take four multiply-adds.
// On a Cortex-A53 or A8 each of the three takes a cycle; loads and operations of 8 bytes go beside them. An A72 has them on two pipelines.
// A lane's sum lies in two halves, inputs (0, 1) and (2, 3) of each group, added at the end.
//
// Instructions for 16 columns × 4 inputs of a row: 12 of those three in 20 on aarch64 (79 for 256 products), 26 on armv7 (51 for 128).
#ifndef TRIBUTARY_CKERNELS_NEON_GEMM_H
#define TRIBUTARY_CKERNELS_NEON_GEMM_H

#include "vectors_neon.h"

#include "forms.h"
#include "vector_gemm.h"

enum {
  tile_columns = 8,
  tile_vectors = tile_columns / 2,
  group_bytes = KERNELS_BLOCK_COLUMNS * KERNELS_BLOCK_DEPTH,
  vector_bytes = 2 * KERNELS_BLOCK_DEPTH,
  code_bias = 128,
};

/// One group of codes less 128, twice.
VECTOR_INLINE int8x8_t load_codes(const uint8_t *codes) {
  uint32_t group;
  memcpy(&group, codes, sizeof group);
  return veor_s8(vreinterpret_s8_u32(vdup_n_u32(group)), vdup_n_s8((int8_t)-code_bias));
}

/// Makes the compiler believe that the codes change with the sum: it would start more products at once than there are registers.
VECTOR_INLINE void hold_back(int8x8_t *code, int32x4_t *sum) { __asm__("" : "+w"(*code), "+w"(*sum)); }

/// Adds one group or two to the sums; `rows` and `groups` are constants.
VECTOR_INLINE void add_groups(int32x4_t sums[tile_rows][tile_vectors], const size_t rows, const uint8_t *codes, size_t stride,
                              const int8_t *weights, const size_t groups) {
  int8x8_t code[tile_rows][2];
  for (size_t r = 0; r < rows; r++) {
    for (size_t i = 0; i < groups; i++) code[r][i] = load_codes(codes + r * stride + i * KERNELS_BLOCK_DEPTH);
  }
  for (size_t v = 0; v < tile_vectors; v++) {
    int8x8_t first = vld1_s8(weights + v * vector_bytes);
    int8x8_t second = groups > 1 ? vld1_s8(weights + group_bytes + v * vector_bytes) : first;
    for (size_t r = 0; r < rows; r++) {
      int16x8_t products = vmull_s8(code[r][0], first);
      if (groups > 1) products = vmlal_s8(products, code[r][1], second);
      sums[r][v] = vpadalq_s16(sums[r][v], products);
    }
    for (size_t r = 0; r < rows; r++) hold_back(&code[r][0], &sums[r][v]);
  }
}

/// stored [rows][tile_columns] = Σ (code − 128) · weight; `rows` is a constant, `depth` a multiple of 4.
VECTOR_INLINE void multiply(const uint8_t *codes, size_t stride, const int8_t *weights, size_t depth, const size_t rows,
                            int32_t stored[tile_rows][tile_columns]) {
  int32x4_t sums[tile_rows][tile_vectors];
  for (size_t r = 0; r < rows; r++) {
    for (size_t v = 0; v < tile_vectors; v++) sums[r][v] = vdupq_n_s32(0);
  }
  size_t k = 0;
  for (; k + 2 * KERNELS_BLOCK_DEPTH <= depth; k += 2 * KERNELS_BLOCK_DEPTH, weights += 2 * group_bytes) {
    add_groups(sums, rows, codes + k, stride, weights, 2);
  }
  if (k < depth) add_groups(sums, rows, codes + k, stride, weights, 1);
  for (size_t r = 0; r < rows; r++) {
    vst1q_s32(stored[r], vector_add_neighbours(sums[r][0], sums[r][1]));
    vst1q_s32(stored[r] + vector_lanes, vector_add_neighbours(sums[r][2], sums[r][3]));
  }
}

VECTOR_APART void multiply_tile(const uint8_t *codes, size_t stride, const int8_t *weights, size_t depth,
                                int32_t stored[tile_rows][tile_columns]) {
  multiply(codes, stride, weights, depth, tile_rows, stored);
}

VECTOR_APART void multiply_row(const uint8_t *codes, size_t stride, const int8_t *weights, size_t depth,
                               int32_t stored[tile_rows][tile_columns]) {
  multiply(codes, stride, weights, depth, 1, stored);
}

/// The outputs `c`, the first a multiple of tile_columns; `rows` is 1 or tile_rows.
static void compute_tile(const kernels_gemm_arguments *g, const output_constants *c, size_t row, size_t rows) {
  size_t depth = kernels_round_up(g->inputs, KERNELS_BLOCK_DEPTH), stride = g->rows.stride, in_block = c->first % KERNELS_BLOCK_COLUMNS;
  const uint8_t *codes = g->rows.codes + row * stride;
  const int8_t *weights = g->weights + (c->first - in_block) * depth + in_block * KERNELS_BLOCK_DEPTH;
  int32_t stored[tile_rows][tile_columns];
  (rows == 1 ? multiply_row : multiply_tile)(codes, stride, weights, depth, stored);
  for (size_t r = 0; r < rows; r++) gemm_finish(g, c, stored[r], code_bias, row + r);
}

VECTOR_INLINE void compute(const kernels_gemm_arguments *g, size_t row_begin, size_t row_end, size_t column_begin, size_t column_end) {
  for (size_t column = column_begin; column < column_end; column += tile_columns) {
    const output_constants c = gemm_constants(g, column, kernels_min(tile_columns, column_end - column));
    size_t row = row_begin;
    for (; row + tile_rows <= row_end; row += tile_rows) compute_tile(g, &c, row, tile_rows);
    for (; row < row_end; row++) compute_tile(g, &c, row, 1);
  }
}

#endif
