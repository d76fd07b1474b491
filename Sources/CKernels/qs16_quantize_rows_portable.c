#include "forms.h"

static float find_range(const int16_t *x, size_t width, kernels_rows rows, size_t row) {
  int32_t low = 0, high = 0;
  for (size_t i = 0; i < width; i++) {
    low = x[i] < low ? x[i] : low;
    high = x[i] > high ? x[i] : high;
  }
  return kernels_row_range(rows, row, low, high);
}

void kernels_qs16_quantize_rows_portable(const int16_t *x, size_t x_stride, size_t m, size_t width, kernels_rows rows) {
  for (size_t row = 0; row < m; row++, x += x_stride) {
    uint8_t *codes = rows.codes + row * rows.stride;
    float inverse = find_range(x, width, rows, row);
    int32_t zero = rows.zero[row];
    for (size_t i = 0; i < width; i++) codes[i] = kernels_code(x[i], inverse, zero);
    memset(codes + width, 0, kernels_round_up(width, 4) - width);
  }
}
