#include "forms.h"

void kernels_qu8_dequantize_rows_portable(kernels_rows rows, size_t m, size_t width, int16_t *y, size_t y_stride) {
  for (size_t row = 0; row < m; row++, y += y_stride) {
    const uint8_t *codes = rows.codes + row * rows.stride;
    float step = kernels_row_step(rows, row);
    int32_t zero = rows.zero[row];
    for (size_t i = 0; i < width; i++) y[i] = kernels_decoded(codes[i] - zero, step);
  }
}
