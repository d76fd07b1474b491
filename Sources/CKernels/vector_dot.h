// Matrix products and convolutions by dot products of bytes, in the words of vectors_*.h: codes are the unsigned operand and weights the
// signed one, as they lie. For a file that includes those and says its tile: dot_rows, which is 12 or 6, and dot_blocks.
#ifndef TRIBUTARY_CKERNELS_VECTOR_DOT_H
#define TRIBUTARY_CKERNELS_VECTOR_DOT_H

#include "forms.h"
#include "vector_convolution.h"
#include "vector_gemm.h"

enum {
  dot_columns = dot_blocks * KERNELS_BLOCK_COLUMNS,
  dot_block_vectors = KERNELS_BLOCK_COLUMNS / vector_lanes,
  dot_vector_bytes = vector_lanes * KERNELS_BLOCK_DEPTH,
  dot_group_bytes = KERNELS_BLOCK_COLUMNS * KERNELS_BLOCK_DEPTH,
};

_Static_assert(dot_block_vectors * vector_lanes == KERNELS_BLOCK_COLUMNS, "vectors hold one group of a block");
_Static_assert(dot_columns == pair_elements, "a tile is a pair of vectors wide");

/// Where the inputs of a tile lie: `parts` runs of `depth` codes (a multiple of 4), part_stride apart, for each row.
typedef struct {
  const uint8_t *rows[dot_rows];
  size_t parts, part_stride, depth;
} dot_inputs;

/// Says of a loop over a tile that it must be written out, so that the sums stay in registers.
#define DOT_UNROLLED _Pragma("clang loop unroll(full)")

/// sums [rows][dot_columns] = offset + Σ code · weight, for a constant number of rows and of blocks of columns.
VECTOR_INLINE void dot_tile(const dot_inputs *x, const size_t rows, const int8_t *weights, const size_t blocks,
                            const int32_t offset[dot_columns], int32_t sums[dot_rows][dot_columns]) {
  const size_t block_bytes = x->parts * x->depth * KERNELS_BLOCK_COLUMNS, vectors = blocks * dot_block_vectors;
  vector_int totals[dot_rows][dot_blocks * dot_block_vectors];
  DOT_UNROLLED for (size_t r = 0; r < rows; r++) {
    DOT_UNROLLED for (size_t v = 0; v < vectors; v++) totals[r][v] = vector_load_int(offset + v * vector_lanes);
  }
  for (size_t part = 0; part < x->parts; part++) {
    for (size_t k = part * x->part_stride, end = k + x->depth; k < end; k += KERNELS_BLOCK_DEPTH, weights += dot_group_bytes) {
      vector_int group[dot_blocks * dot_block_vectors];
      DOT_UNROLLED for (size_t v = 0; v < vectors; v++) {
        const int8_t *place = weights + v / dot_block_vectors * block_bytes + v % dot_block_vectors * dot_vector_bytes;
        group[v] = vector_load_int((const int32_t *)place);
      }
      DOT_UNROLLED for (size_t r = 0; r < rows; r++) {
        int32_t bits;
        memcpy(&bits, x->rows[r] + k, sizeof bits);
        vector_int code = vector_broadcast_int(bits);
        DOT_UNROLLED for (size_t v = 0; v < vectors; v++) totals[r][v] = VECTOR_DOT_QUADS(totals[r][v], code, group[v]);
      }
    }
  }
  DOT_UNROLLED for (size_t r = 0; r < rows; r++) {
    DOT_UNROLLED for (size_t v = 0; v < vectors; v++) vector_store_int(sums[r] + v * vector_lanes, totals[r][v]);
  }
}

/// dot_tile for a number of rows that dot_next_rows gives, and a constant number of blocks.
VECTOR_INLINE void dot_rows_tile(const dot_inputs *x, size_t rows, const int8_t *weights, const size_t blocks,
                                 const int32_t offset[dot_columns], int32_t sums[dot_rows][dot_columns]) {
  if (rows == dot_rows) return dot_tile(x, dot_rows, weights, blocks, offset, sums);
  if (dot_rows > 8 && rows == 8) return dot_tile(x, 8, weights, blocks, offset, sums);
  if (rows == 4) return dot_tile(x, 4, weights, blocks, offset, sums);
  return rows == 2 ? dot_tile(x, 2, weights, blocks, offset, sums) : dot_tile(x, 1, weights, blocks, offset, sums);
}

static const int32_t dot_no_offset[dot_columns];

/// The rows of the next tile where `left` rows are left: 12 (or 6), 8, 4, 2 or 1.
static inline size_t dot_next_rows(size_t left) {
  if (dot_rows == 12 && (left == 16 || left == 20)) return 8;
  if (left >= dot_rows) return dot_rows;
  return left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
}

/// dot_tile for a number of rows that dot_next_rows gives, and 1 or dot_blocks blocks. It stays apart: products and convolutions share it.
VECTOR_APART void dot_multiply(const dot_inputs *x, size_t rows, const int8_t *weights, size_t blocks, const int32_t offset[dot_columns],
                               int32_t sums[dot_rows][dot_columns]) {
  if (dot_blocks > 1 && blocks == 1) return dot_rows_tile(x, rows, weights, 1, offset, sums);
  dot_rows_tile(x, rows, weights, dot_blocks, offset, sums);
}

/// How many blocks the tile of that many columns touches.
static inline size_t dot_touched(size_t columns) { return columns > dot_columns - KERNELS_BLOCK_COLUMNS ? dot_blocks : 1; }

VECTOR_INLINE void dot_gemm_columns(const kernels_gemm_arguments *g, size_t row, size_t row_end, size_t column, size_t columns) {
  dot_inputs x = {.parts = 1, .depth = kernels_round_up(g->inputs, KERNELS_BLOCK_DEPTH)};
  const int8_t *weights = g->weights + column * x.depth;
  const output_constants constants = gemm_constants(g, column, columns);
  const size_t blocks = dot_touched(columns);
  _Alignas(vector_int) int32_t sums[dot_rows][dot_columns];
  if (blocks < dot_blocks) memset(sums, 0, sizeof sums);
  for (size_t rows; row < row_end; row += rows) {
    rows = dot_next_rows(row_end - row);
    for (size_t r = 0; r < rows; r++) x.rows[r] = g->rows.codes + (row + r) * g->rows.stride;
    dot_multiply(&x, rows, weights, blocks, dot_no_offset, sums);
    for (size_t r = 0; r < rows; r++) gemm_finish(g, &constants, sums[r], 0, row + r);
  }
}

VECTOR_INLINE void dot_gemm(const kernels_gemm_arguments *g, size_t row_begin, size_t row_end, size_t column_begin, size_t column_end) {
  for (size_t column = column_begin; column < column_end; column += dot_columns) {
    dot_gemm_columns(g, row_begin, row_end, column, kernels_min(dot_columns, column_end - column));
  }
}

VECTOR_INLINE void dot_convolve_columns(const kernels_convolution_arguments *a, size_t window, size_t end, size_t column, size_t columns) {
  dot_inputs x = {.parts = a->parts, .part_stride = a->part_stride, .depth = kernels_round_up(a->length, KERNELS_BLOCK_DEPTH)};
  const int8_t *weights = a->weights + column * x.parts * x.depth;
  const size_t blocks = dot_touched(columns);
  _Alignas(vector_int) int32_t sums[dot_rows][dot_columns];
  if (blocks < dot_blocks) memset(sums, 0, sizeof sums);
  size_t places[dot_rows];
  const output_constants constants = convolution_constants(a, column, columns, 0);
  kernels_window w = kernels_window_at(a, window);
  for (size_t rows; window < end; window += rows) {
    rows = dot_next_rows(end - window);
    w = kernels_take_windows(a, w, rows, x.rows, places);
    dot_multiply(&x, rows, weights, blocks, constants.offset, sums);
    for (size_t r = 0; r < rows; r++) {
      convolution_store(a, &constants, vector_load_int(sums[r]), vector_load_int(sums[r] + vector_lanes), places[r]);
    }
  }
}

VECTOR_TARGET void VECTOR_FORM(qu8_convolve)(const kernels_convolution_arguments *a, size_t begin, size_t end, size_t column_begin,
                                             size_t column_end) {
  for (size_t column = column_begin; column < column_end; column += dot_columns) {
    dot_convolve_columns(a, begin, end, column, kernels_min(dot_columns, column_end - column));
  }
}

#endif
