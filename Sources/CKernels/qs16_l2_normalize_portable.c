#include "forms.h"

void kernels_qs16_l2_normalize_portable(const int16_t *x, size_t width, float *y) {
  int64_t squares = 0;
  for (size_t i = 0; i < width; i++) squares += (int32_t)x[i] * x[i];
  double inverse = squares == 0 ? 0.0 : 1.0 / __builtin_sqrt((double)squares);
  for (size_t i = 0; i < width; i++) y[i] = (float)((double)x[i] * inverse);
}
