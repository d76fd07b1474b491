#include "forms.h"
#include "polynomials.h"

void kernels_qs16_channel_norm_portable(const kernels_channel_norm_arguments *a) {
  for (size_t c = 0; c < a->width; c++) {
    int64_t sum = 0, squares = 0;
    for (size_t i = 0; i < a->m; i++) {
      int64_t x = a->x[i * a->x_stride + c];
      sum += x;
      squares += x * x;
    }
    kernels_normalization n = kernels_normalize(sum, squares, a->m, a->epsilon);
    for (size_t i = 0; i < a->m; i++) {
      float v = ((float)a->x[i * a->x_stride + c] * n.scale + n.offset) * a->gain[c] + a->shift[c];
      a->y[i * a->y_stride + c] = kernels_requantize(kernels_activated(v, a->activation, a->rescale), (float)a->limit);
    }
  }
}
