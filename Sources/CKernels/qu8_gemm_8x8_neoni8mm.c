// The product of two rows of eight unsigned codes with two outputs at eight inputs: four sums. Two groups of weights, zipped by 32 bits,
// are two outputs at eight inputs each; the zip serves all rows of a tile. Per 8 inputs of an 8×8 tile that is 16 products, 4 zips and 4
// joins of rows, where dot products would take 32. Instructions for 16 columns × 4 inputs of a row: 5, of which 3 compute.
#if defined(__aarch64__)
#include "vectors_neon.h"

#include "forms.h"
#include "vector_gemm.h"

#define MATRIX_APART __attribute__((target("i8mm"))) VECTOR_APART
#define MATRIX_INLINE static inline __attribute__((target("i8mm"), always_inline))

enum {
  tile_pairs = 4,
  tile_columns = 8,
  tile_quads = tile_columns / 2,
  group_bytes = KERNELS_BLOCK_COLUMNS * KERNELS_BLOCK_DEPTH,
  step_depth = 2 * KERNELS_BLOCK_DEPTH,
};

/// The places of a tile's rows; a row that lacks repeats the last.
typedef struct {
  const uint8_t *codes[2 * tile_pairs];
} tile_codes;

/// Two rows' next `depth` (4 or 8) codes, zero past them.
MATRIX_INLINE uint8x16_t load_codes(const uint8_t *first, const uint8_t *second, const size_t depth) {
  uint64_t low = 0, high = 0;
  memcpy(&low, first, depth);
  memcpy(&high, second, depth);
  return vcombine_u8(vcreate_u8(low), vcreate_u8(high));
}

/// sums [pairs][tile_quads] += the products of one group or two; `pairs` and `depth` are constants.
MATRIX_INLINE void add_step(int32x4_t sums[tile_pairs][tile_quads], const size_t pairs, const tile_codes *rows, size_t k,
                            const int8_t *weights, const size_t depth) {
  int8x16_t weight[tile_quads];
  for (size_t v = 0; v < tile_quads / 2; v++) {
    int32x4_t first = vreinterpretq_s32_s8(vld1q_s8(weights + v * sizeof(int8x16_t))), second = vdupq_n_s32(0);
    if (depth > KERNELS_BLOCK_DEPTH) second = vreinterpretq_s32_s8(vld1q_s8(weights + group_bytes + v * sizeof(int8x16_t)));
    weight[2 * v] = vreinterpretq_s8_s32(vzip1q_s32(first, second));
    weight[2 * v + 1] = vreinterpretq_s8_s32(vzip2q_s32(first, second));
  }
  for (size_t p = 0; p < pairs; p++) {
    uint8x16_t code = load_codes(rows->codes[2 * p] + k, rows->codes[2 * p + 1] + k, depth);
    for (size_t q = 0; q < tile_quads; q++) sums[p][q] = vusmmlaq_s32(sums[p][q], code, weight[q]);
  }
}

/// Stores both rows of a pair: each product holds columns 2q, 2q + 1 of the first row, then of the second.
MATRIX_INLINE void store_pair(int32_t stored[2][tile_columns], const int32x4_t sums[tile_quads]) {
  for (size_t q = 0; q < tile_quads; q++) {
    vst1_s32(stored[0] + 2 * q, vget_low_s32(sums[q]));
    vst1_s32(stored[1] + 2 * q, vget_high_s32(sums[q]));
  }
}

/// stored [2 · pairs][tile_columns] = Σ code · weight; `pairs` is a constant, `depth` a multiple of 4.
MATRIX_INLINE void multiply(const tile_codes *rows, const int8_t *weights, size_t depth, const size_t pairs,
                            int32_t stored[2 * tile_pairs][tile_columns]) {
  const tile_codes places = *rows;
  int32x4_t sums[tile_pairs][tile_quads];
  for (size_t p = 0; p < pairs; p++) {
    for (size_t q = 0; q < tile_quads; q++) sums[p][q] = vdupq_n_s32(0);
  }
  size_t k = 0;
  for (; k + step_depth <= depth; k += step_depth, weights += 2 * group_bytes) add_step(sums, pairs, &places, k, weights, step_depth);
  if (k < depth) add_step(sums, pairs, &places, k, weights, KERNELS_BLOCK_DEPTH);
  for (size_t p = 0; p < pairs; p++) store_pair(stored + 2 * p, sums[p]);
}

MATRIX_APART void multiply_tile(const tile_codes *rows, const int8_t *weights, size_t depth,
                                int32_t stored[2 * tile_pairs][tile_columns]) {
  multiply(rows, weights, depth, tile_pairs, stored);
}

MATRIX_APART void multiply_pair(const tile_codes *rows, const int8_t *weights, size_t depth,
                                int32_t stored[2 * tile_pairs][tile_columns]) {
  multiply(rows, weights, depth, 1, stored);
}

/// The outputs `c`, the first a multiple of tile_columns; 1, 2 or 2 · tile_pairs rows.
static void compute_tile(const kernels_gemm_arguments *g, const output_constants *c, size_t row, size_t rows) {
  size_t depth = kernels_round_up(g->inputs, KERNELS_BLOCK_DEPTH), in_block = c->first % KERNELS_BLOCK_COLUMNS;
  tile_codes places;
  for (size_t r = 0; r < 2 * tile_pairs; r++) places.codes[r] = g->rows.codes + (row + kernels_min(r, rows - 1)) * g->rows.stride;
  int32_t stored[2 * tile_pairs][tile_columns];
  (rows <= 2 ? multiply_pair : multiply_tile)(&places, g->weights + (c->first - in_block) * depth + in_block * KERNELS_BLOCK_DEPTH, depth,
                                              stored);
  for (size_t r = 0; r < rows; r++) gemm_finish(g, c, stored[r], 0, row + r);
}

void kernels_qu8_gemm_8x8_neoni8mm(const kernels_gemm_arguments *g, size_t row_begin, size_t row_end, size_t column_begin,
                                   size_t column_end) {
  for (size_t column = column_begin; column < column_end; column += tile_columns) {
    const output_constants c = gemm_constants(g, column, kernels_min(tile_columns, column_end - column));
    size_t row = row_begin;
    for (; row + 2 * tile_pairs <= row_end; row += 2 * tile_pairs) compute_tile(g, &c, row, 2 * tile_pairs);
    for (; row < row_end; row += 2) compute_tile(g, &c, row, kernels_min(2, row_end - row));
  }
}

#endif
