// Where windows and results of a convolution lie, and its last step, one element.
#ifndef TRIBUTARY_CKERNELS_CONVOLUTION_H
#define TRIBUTARY_CKERNELS_CONVOLUTION_H

#include "polynomials.h"

/// The first run of a window.
static inline const uint8_t *kernels_window(const kernels_convolution_arguments *a, size_t window) {
  return a->x + window / a->line_windows * a->line_stride + window % a->line_windows * a->column_stride;
}

/// How far a window's results lie behind those of the first window.
static inline size_t kernels_window_result(const kernels_convolution_arguments *a, size_t window) {
  return window / a->line_windows * a->y_line_stride + window % a->line_windows * a->y_column_stride;
}

/// Stores the result of an output from sum = Σ code · weight, `place` elements behind y.
static inline void kernels_convolution_store(const kernels_convolution_arguments *a, int32_t sum, size_t output, size_t place) {
  float v = (float)(sum - a->zero * a->sums[output]) * a->multiplier[output] + a->bias[output];
  v = kernels_activated(v, a->activation, a->rescale);
  if (a->y) {
    a->y[place] = kernels_requantize(v, (float)a->limit);
  } else {
    a->y_codes[place] = kernels_encoded(v, a->y_zero);
  }
}

#endif
