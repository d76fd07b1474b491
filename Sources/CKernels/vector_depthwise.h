// Depthwise convolution in the words of vectors_*.h: a pair of vectors of channels goes along the windows, its weights in registers where
// there are nine of them. The last pair overlaps the one before it where channels do not fill it.
#ifndef TRIBUTARY_CKERNELS_VECTOR_DEPTHWISE_H
#define TRIBUTARY_CKERNELS_VECTOR_DEPTHWISE_H

#include "forms.h"
#include "vector_convolution.h"

/// Windows of `parts` · `length` taps, both constant or not.
VECTOR_INLINE void depthwise_channels(const kernels_convolution_arguments *a, size_t window, size_t end, size_t channel, const size_t parts,
                                      const size_t length) {
  const output_constants constants = constants_of(a, channel, pair_elements);
  kernels_window w = kernels_window_at(a, window);
  for (; window < end; window++, w = kernels_next_window(a, w)) {
    const uint8_t *x = w.x + channel;
    const int8_t *weights = a->weights + channel;
    vector_int low = vector_broadcast_int(0), high = low;
    for (size_t i = 0; i < parts; i++) {
      for (size_t j = 0; j < length; j++, weights += a->outputs) {
        const uint8_t *tap = x + i * a->part_stride + j * a->outputs;
        low = vector_add_int(low, vector_mul_int(vector_int_from_uint8(tap), vector_int_from_int8(weights)));
        high = vector_add_int(
            high, vector_mul_int(vector_int_from_uint8(tap + vector_lanes), vector_int_from_int8(weights + vector_lanes)));
      }
    }
    convolution_store(a, &constants, low, high, w.place);
  }
}

VECTOR_TARGET void VECTOR_FORM(qu8_depthwise)(const kernels_convolution_arguments *a, size_t begin, size_t end) {
  if (a->outputs < pair_elements) return kernels_qu8_depthwise_portable(a, begin, end);
  for (size_t channel = 0; channel < a->outputs; channel += pair_elements) {
    size_t start = kernels_min(channel, a->outputs - pair_elements);
    if (a->parts == 3 && a->length == 3) {
      depthwise_channels(a, begin, end, start, 3, 3);
    } else {
      depthwise_channels(a, begin, end, start, a->parts, a->length);
    }
  }
}

#endif
