#include "convolution.h"
#include "forms.h"

void kernels_qu8_depthwise_portable(const kernels_convolution_arguments *a, size_t begin, size_t end) {
  kernels_window w = kernels_window_at(a, begin);
  for (size_t window = begin; window < end; window++, w = kernels_next_window(a, w)) {
    for (size_t c = 0; c < a->outputs; c++) {
      int32_t sum = 0;
      for (size_t i = 0; i < a->parts * a->length; i++) {
        sum += w.x[i / a->length * a->part_stride + i % a->length * a->outputs + c] * a->weights[i * a->outputs + c];
      }
      kernels_convolution_store(a, sum, c, w.place + c);
    }
  }
}
