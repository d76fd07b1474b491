// Each lane of the dot product of signed bytes is one output at one group of inputs, as the weights lie. Codes are taken less 128: as
// signed bytes. Sixteen codes of a row serve four groups, by lane. 16 columns × 4 inputs of a row take 5.4 instructions, 4 of them sdot.
#if defined(__aarch64__)
#include "vectors_neon.h"

#include "forms.h"
#include "vector_gemm.h"

#define DOT_APART __attribute__((target("dotprod"))) VECTOR_APART
#define DOT_INLINE static inline __attribute__((target("dotprod"), always_inline))

enum {
  tile_rows = 4,
  tile_columns = KERNELS_BLOCK_COLUMNS,
  tile_vectors = tile_columns / vector_lanes,
  tile_pairs = tile_columns / pair_elements,
  group_bytes = KERNELS_BLOCK_COLUMNS * KERNELS_BLOCK_DEPTH,
  step_depth = 16,
  code_bias = 128,
};

/// sums [rows] += the codes' group number `lane` · one group of weights.
#define ADD_GROUP(lane)                                                                                \
  _Pragma("clang loop unroll(full)") for (size_t v = 0; v < tile_vectors; v++) {                       \
    int8x16_t weight = vld1q_s8(weights + (lane) * group_bytes + v * sizeof(int8x16_t));               \
    for (size_t r = 0; r < rows; r++) sums[r][v] = vdotq_laneq_s32(sums[r][v], weight, code[r], lane); \
  }

DOT_INLINE void add_step(int32x4_t sums[tile_rows][tile_vectors], const size_t rows, const uint8_t *codes, size_t stride,
                         const int8_t *weights) {
  int8x16_t code[tile_rows];
  for (size_t r = 0; r < rows; r++) code[r] = vreinterpretq_s8_u8(veorq_u8(vld1q_u8(codes + r * stride), vdupq_n_u8(code_bias)));
  ADD_GROUP(0)
  ADD_GROUP(1)
  ADD_GROUP(2)
  ADD_GROUP(3)
}

DOT_INLINE void add_group(int32x4_t sums[tile_rows][tile_vectors], const size_t rows, const uint8_t *codes, size_t stride,
                          const int8_t *weights) {
  int8x16_t code[tile_rows];
  for (size_t r = 0; r < rows; r++) {
    uint32_t group;
    memcpy(&group, codes + r * stride, sizeof group);
    code[r] = vreinterpretq_s8_u8(veorq_u8(vreinterpretq_u8_u32(vdupq_n_u32(group)), vdupq_n_u8(code_bias)));
  }
  ADD_GROUP(0)
}

/// stored [rows][tile_columns] = Σ (code − 128) · weight; `rows` is a constant, `depth` a multiple of 4.
DOT_INLINE void multiply(const uint8_t *codes, size_t stride, const int8_t *weights, size_t depth, const size_t rows,
                         int32_t stored[tile_rows][tile_columns]) {
  int32x4_t sums[tile_rows][tile_vectors];
  for (size_t r = 0; r < rows; r++) {
    for (size_t v = 0; v < tile_vectors; v++) sums[r][v] = vdupq_n_s32(0);
  }
  size_t k = 0;
  for (; k + step_depth <= depth; k += step_depth) add_step(sums, rows, codes + k, stride, weights + k * tile_columns);
  for (; k < depth; k += KERNELS_BLOCK_DEPTH) add_group(sums, rows, codes + k, stride, weights + k * tile_columns);
  for (size_t r = 0; r < rows; r++) {
    for (size_t v = 0; v < tile_vectors; v++) vst1q_s32(stored[r] + v * vector_lanes, sums[r][v]);
  }
}

DOT_APART void multiply_tile(const uint8_t *codes, size_t stride, const int8_t *weights, size_t depth,
                             int32_t stored[tile_rows][tile_columns]) {
  multiply(codes, stride, weights, depth, tile_rows, stored);
}

DOT_APART void multiply_row(const uint8_t *codes, size_t stride, const int8_t *weights, size_t depth,
                            int32_t stored[tile_rows][tile_columns]) {
  multiply(codes, stride, weights, depth, 1, stored);
}

/// `rows` is 1 or tile_rows.
static void compute_tile(const kernels_gemm_arguments *g, const output_constants c[tile_pairs], size_t row, size_t rows) {
  size_t depth = kernels_round_up(g->inputs, KERNELS_BLOCK_DEPTH), stride = g->rows.stride;
  int32_t stored[tile_rows][tile_columns];
  (rows == 1 ? multiply_row : multiply_tile)(g->rows.codes + row * stride, stride, g->weights + c->first * depth, depth, stored);
  for (size_t pair = 0; pair < tile_pairs; pair++) {
    for (size_t r = 0; r < rows; r++) gemm_finish(g, &c[pair], stored[r] + pair * pair_elements, code_bias, row + r);
  }
}

void kernels_qu8_gemm_4x16_neondot(const kernels_gemm_arguments *g, size_t row_begin, size_t row_end, size_t column_begin,
                                   size_t column_end) {
  for (size_t column = column_begin; column < column_end; column += tile_columns) {
    size_t columns = kernels_min(tile_columns, column_end - column), within = kernels_min(columns, pair_elements), row = row_begin;
    const output_constants c[tile_pairs] = {gemm_constants(g, column, within), gemm_constants(g, column + within, columns - within)};
    for (; row + tile_rows <= row_end; row += tile_rows) compute_tile(g, c, row, tile_rows);
    for (; row < row_end; row++) compute_tile(g, c, row, 1);
  }
}

#endif
