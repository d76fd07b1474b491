#include "forms.h"

static kernels_normalization normalize(const int16_t *x, size_t width, double epsilon) {
  int64_t sum = 0, squares = 0;
  for (size_t i = 0; i < width; i++) {
    sum += x[i];
    squares += (int32_t)x[i] * x[i];
  }
  return kernels_normalize(sum, squares, width, epsilon);
}

void kernels_qs16_layer_norm_portable(const int16_t *x, size_t x_stride, size_t m, size_t width, double epsilon, const float *gain,
                                      const float *shift, int16_t *y, size_t y_stride, int32_t limit) {
  for (size_t row = 0; row < m; row++, x += x_stride, y += y_stride) {
    kernels_normalization n = normalize(x, width, epsilon);
    for (size_t i = 0; i < width; i++) y[i] = kernels_normalized(x[i], n, gain[i], shift[i], (float)limit);
  }
}
