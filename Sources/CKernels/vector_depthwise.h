// Depthwise convolution in the words of vectors_*.h: a pair of vectors of channels goes along the windows. Up to four taps below each other
// lie together in a lane, as products of bytes want them. The last pair overlaps the one before it where channels do not fill it.
#ifndef TRIBUTARY_CKERNELS_VECTOR_DEPTHWISE_H
#define TRIBUTARY_CKERNELS_VECTOR_DEPTHWISE_H

#include "forms.h"
#include "vector_convolution.h"
#include "vector_quads.h"

/// 1 to 4 codes of each channel, `stride` apart.
VECTOR_INLINE quads_pair load_codes(const uint8_t *x, size_t stride, const size_t count) {
  vector_int low, high;
  vector_load_quads(x, stride, count, &low, &high);
  return (quads_pair){quads_of_codes(low), quads_of_codes(high)};
}

VECTOR_INLINE quads_pair load_weights(const int8_t *x, size_t stride, const size_t count) {
  vector_int low, high;
  vector_load_quads(x, stride, count, &low, &high);
  return (quads_pair){quads_of_weights(low), quads_of_weights(high)};
}

VECTOR_INLINE quad_sums_pair depthwise_begin(void) { return pair_begin_quads(vector_broadcast_int(0), vector_broadcast_int(0)); }

VECTOR_INLINE void depthwise_store(const kernels_convolution_arguments *a, const output_constants *c, quad_sums_pair sums, size_t place) {
  vector_int low = total_quads(sums.low), high = total_quads(sums.high);
  vector_order_quads(&low, &high);
  low = vector_add_int(low, vector_load_int(c->offset));
  high = vector_add_int(high, vector_load_int(c->offset + vector_lanes));
  convolution_store(a, c, low, high, place);
}

/// Windows of 3 × 3: of what a window reads, the next one in its line keeps the columns that it shares.
VECTOR_INLINE void depthwise_three(const kernels_convolution_arguments *a, size_t window, size_t end, size_t channel) {
  const output_constants constants = convolution_constants(a, channel, pair_elements, 0);
  const size_t channels = a->outputs, step = a->column_stride / channels, shared = step < 3 ? 3 - step : 0;
  quads_pair columns[3], weights[3];
  for (size_t j = 0; j < 3; j++) weights[j] = load_weights(a->weights + j * channels + channel, 3 * channels, 3);
  kernels_window w = kernels_window_at(a, window);
  for (size_t kept = 0; window < end; window++, w = kernels_next_window(a, w), kept = w.column > 0 ? shared : 0) {
    const uint8_t *x = w.x + channel;
    if (kept == 2) {
      columns[0] = columns[1];
      columns[1] = columns[2];
    } else {
      columns[0] = kept == 1 ? columns[2] : load_codes(x, a->part_stride, 3);
      columns[1] = load_codes(x + channels, a->part_stride, 3);
    }
    columns[2] = load_codes(x + 2 * channels, a->part_stride, 3);
    quad_sums_pair sums = depthwise_begin();
    for (size_t j = 0; j < 3; j++) sums = pair_add_quads(sums, columns[j], weights[j]);
    depthwise_store(a, &constants, sums, w.place);
  }
}

/// sums + the taps of a window in a constant number of its runs, 1 to 4.
VECTOR_INLINE quad_sums_pair add_runs(const kernels_convolution_arguments *a, quad_sums_pair sums, const uint8_t *x, const int8_t *weights,
                                      const size_t count) {
  const size_t channels = a->outputs;
  for (size_t j = 0; j < a->length; j++) {
    quads_pair codes = load_codes(x + j * channels, a->part_stride, count);
    sums = pair_add_quads(sums, codes, load_weights(weights + j * channels, a->length * channels, count));
  }
  return sums;
}

/// Windows of any size.
VECTOR_INLINE void depthwise_any(const kernels_convolution_arguments *a, size_t window, size_t end, size_t channel) {
  const output_constants constants = convolution_constants(a, channel, pair_elements, 0);
  kernels_window w = kernels_window_at(a, window);
  for (; window < end; window++, w = kernels_next_window(a, w)) {
    quad_sums_pair sums = depthwise_begin();
    const uint8_t *x = w.x + channel;
    const int8_t *weights = a->weights + channel;
    size_t part = 0;
    for (; part + 4 <= a->parts; part += 4, x += 4 * a->part_stride, weights += 4 * a->length * a->outputs) {
      sums = add_runs(a, sums, x, weights, 4);
    }
    for (; part < a->parts; part++, x += a->part_stride, weights += a->length * a->outputs) sums = add_runs(a, sums, x, weights, 1);
    depthwise_store(a, &constants, sums, w.place);
  }
}

VECTOR_TARGET void VECTOR_FORM(qu8_depthwise)(const kernels_convolution_arguments *a, size_t begin, size_t end) {
  if (a->outputs < pair_elements) return kernels_qu8_depthwise_portable(a, begin, end);
  for (size_t channel = 0; channel < a->outputs; channel += pair_elements) {
    size_t start = kernels_min(channel, a->outputs - pair_elements);
    if (a->parts == 3 && a->length == 3) {
      depthwise_three(a, begin, end, start);
    } else {
      depthwise_any(a, begin, end, start);
    }
  }
}

#endif
