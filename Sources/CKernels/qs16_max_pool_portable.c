// Compilers turn the loop over channels into the processor's own maxima of 16 bits: no other form is needed.
#include "forms.h"

static void take(int16_t *y, const int16_t *x, size_t channels) {
  for (size_t c = 0; c < channels; c++) y[c] = x[c] > y[c] ? x[c] : y[c];
}

/// Positions first ..< last of a window that starts at `start`, less the padding, in an image of `size` positions.
static size_t first_position(size_t start, size_t padding) { return start > padding ? start - padding : 0; }

static size_t last_position(size_t start, size_t padding, size_t window, size_t size) {
  return start + window > padding ? kernels_min(start + window - padding, size) : 0;
}

void kernels_qs16_max_pool_portable(const kernels_max_pool_arguments *p, size_t begin, size_t end) {
  for (size_t line = begin; line < end; line++) {
    size_t top = line * p->stride_height;
    for (size_t window = 0; window < p->windows; window++) {
      int16_t *y = p->y + (line * p->windows + window) * p->channels;
      for (size_t c = 0; c < p->channels; c++) y[c] = INT16_MIN;
      size_t left = window * p->stride_width, last = last_position(left, p->left, p->width, p->columns);
      for (size_t i = first_position(top, p->top); i < last_position(top, p->top, p->height, p->lines); i++) {
        for (size_t j = first_position(left, p->left); j < last; j++) take(y, p->x + (i * p->columns + j) * p->channels, p->channels);
      }
    }
  }
}
