#include "forms.h"

enum { tile_columns = 64 };

static void add_rows(int32_t *sums, const int16_t *x, size_t x_stride, size_t m, size_t columns) {
  for (size_t row = 0; row < m; row++, x += x_stride) {
    for (size_t i = 0; i < columns; i++) sums[i] += x[i];
  }
}

void kernels_qs16_mean_pool_portable(const int16_t *x, size_t x_stride, size_t m, size_t width, float rescale, int16_t *y, int32_t limit) {
  float scale = rescale / (float)m;
  for (size_t column = 0; column < width; column += tile_columns) {
    size_t columns = kernels_min(tile_columns, width - column);
    int32_t sums[tile_columns] = {0};
    add_rows(sums, x + column, x_stride, m, columns);
    for (size_t i = 0; i < columns; i++) y[column + i] = kernels_requantize((float)sums[i] * scale, (float)limit);
  }
}
