// Where windows and results of a convolution lie, and its last step, one element.
#ifndef TRIBUTARY_CKERNELS_CONVOLUTION_H
#define TRIBUTARY_CKERNELS_CONVOLUTION_H

#include "polynomials.h"

/// A window on its way along the lines.
typedef struct {
  const uint8_t *x; // its first run
  size_t place;     // how far its results lie behind those of the first window
  size_t column;    // its number in the line
} kernels_window;

static inline kernels_window kernels_window_at(const kernels_convolution_arguments *a, size_t window) {
  size_t line = window / a->line_windows, column = window % a->line_windows;
  return (kernels_window){a->x + line * a->line_stride + column * a->column_stride,
                          line * a->y_line_stride + column * a->y_column_stride, column};
}

static inline kernels_window kernels_next_window(const kernels_convolution_arguments *a, kernels_window w) {
  if (++w.column < a->line_windows) {
    return (kernels_window){w.x + a->column_stride, w.place + a->y_column_stride, w.column};
  }
  const size_t back = a->line_windows - 1;
  return (kernels_window){w.x + a->line_stride - back * a->column_stride, w.place + a->y_line_stride - back * a->y_column_stride, 0};
}

/// Where the first runs and the results of `count` windows from `w` on lie; returns the window behind them.
static inline kernels_window kernels_take_windows(const kernels_convolution_arguments *a, kernels_window w, size_t count,
                                                  const uint8_t **x, size_t *places) {
  for (size_t i = 0; i < count; i++, w = kernels_next_window(a, w)) {
    x[i] = w.x;
    places[i] = w.place;
  }
  return w;
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
