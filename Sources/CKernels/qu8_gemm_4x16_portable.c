#include "forms.h"
#include "gemm.h"

enum { tile_rows = 4, tile_columns = KERNELS_BLOCK_COLUMNS };

typedef int32_t row_sums[tile_columns];

static void add_group(row_sums sums, const uint8_t *codes, const int8_t *weights) {
  int32_t a = codes[0], b = codes[1], c = codes[2], d = codes[3];
  for (size_t j = 0; j < tile_columns; j++) {
    sums[j] += a * weights[4 * j] + b * weights[4 * j + 1] + c * weights[4 * j + 2] + d * weights[4 * j + 3];
  }
}

static void compute_tile(const kernels_gemm_arguments *g, size_t row, size_t rows, size_t column, size_t columns) {
  row_sums sums[tile_rows] = {{0}};
  size_t depth = kernels_round_up(g->inputs, KERNELS_BLOCK_DEPTH);
  const uint8_t *codes = g->rows.codes + row * g->rows.stride;
  const int8_t *weights = g->weights + column * depth;
  for (size_t k = 0; k < depth; k += KERNELS_BLOCK_DEPTH) {
    for (size_t r = 0; r < rows; r++) add_group(sums[r], codes + r * g->rows.stride + k, weights + k * tile_columns);
  }
  for (size_t r = 0; r < rows; r++) {
    float step = kernels_row_step(g->rows, row + r);
    int16_t *y = g->y + (row + r) * g->y_stride + column;
    for (size_t j = 0; j < columns; j++) y[j] = kernels_gemm_result(g, sums[r][j], step, row + r, column + j);
  }
}

void kernels_qu8_gemm_4x16_portable(const kernels_gemm_arguments *g, size_t row_begin, size_t row_end, size_t column_begin,
                                    size_t column_end) {
  for (size_t column = column_begin; column < column_end; column += tile_columns) {
    size_t columns = kernels_min(tile_columns, column_end - column);
    for (size_t row = row_begin; row < row_end; row += tile_rows) {
      compute_tile(g, row, kernels_min(tile_rows, row_end - row), column, columns);
    }
  }
}
