// Depthwise convolution of RISC-V's vectors: a pair of vectors of channels goes along the windows, a few at a time for each tap's weights.
// Codes less 128 are signed bytes like the weights, so that the products of two taps fit 16 bits before they are widened. The last pair
// overlaps the one before it where channels do not fill it.
#ifndef TRIBUTARY_CKERNELS_RVV_DEPTHWISE_H
#define TRIBUTARY_CKERNELS_RVV_DEPTHWISE_H

#include "forms.h"
#include "rvv_tile.h"
#include "vector_convolution.h"

enum { depthwise_windows = 4 };

/// A byte for each channel of a pair.
typedef VECTOR_OF(int8_t, pair_elements) channel_bytes;

VECTOR_INLINE vector_shorts tap_product(const uint8_t *codes, channel_bytes weights) {
  const channel_bytes biased = *(const channel_bytes *)(const void *)codes ^ (int8_t)-rvv_code_bias;
  return __builtin_convertvector(biased, vector_shorts) * __builtin_convertvector(weights, vector_shorts);
}

/// sums [windows] += a constant number of taps beside each other, 1 or 2, for a constant number of windows.
VECTOR_INLINE void add_taps(vector_pair_sums sums[depthwise_windows], const uint8_t *const x[depthwise_windows], size_t at,
                            const int8_t *weights, size_t channels, const size_t taps, const size_t windows) {
  const channel_bytes first = *(const channel_bytes *)weights;
  const channel_bytes second = taps > 1 ? *(const channel_bytes *)(weights + channels) : first;
  for (size_t i = 0; i < windows; i++) {
    vector_shorts products = tap_product(x[i] + at, first);
    if (taps > 1) products += tap_product(x[i] + at + channels, second);
    sums[i] += __builtin_convertvector(products, vector_pair_sums);
  }
}

/// A constant number of windows from `w` on; returns the window behind them.
VECTOR_INLINE kernels_window depthwise_tile(const kernels_convolution_arguments *a, const output_constants *c, kernels_window w,
                                            const size_t windows) {
  const size_t channels = a->outputs;
  const int8_t *weights = a->weights + c->first;
  const uint8_t *x[depthwise_windows];
  size_t places[depthwise_windows];
  vector_pair_sums sums[depthwise_windows];
  for (size_t i = 0; i < windows; i++, w = kernels_next_window(a, w)) {
    x[i] = w.x + c->first;
    places[i] = w.place;
    sums[i] = *(const vector_pair_sums *)c->offset;
  }
  for (size_t part = 0; part < a->parts; part++) {
    size_t at = part * a->part_stride, left = a->length;
    for (; left > 1; left -= 2, at += 2 * channels, weights += 2 * channels) add_taps(sums, x, at, weights, channels, 2, windows);
    for (; left > 0; left -= 1, at += channels, weights += channels) add_taps(sums, x, at, weights, channels, 1, windows);
  }
  for (size_t i = 0; i < windows; i++) {
    vector_int halves[2];
    memcpy(halves, &sums[i], sizeof halves);
    convolution_store(a, c, halves[0], halves[1], places[i]);
  }
  return w;
}

VECTOR_TARGET void VECTOR_FORM(qu8_depthwise)(const kernels_convolution_arguments *a, size_t begin, size_t end) {
  if (a->outputs < pair_elements) return kernels_qu8_depthwise_portable(a, begin, end);
  for (size_t channel = 0; channel < a->outputs; channel += pair_elements) {
    size_t first = kernels_min(channel, a->outputs - pair_elements), window = begin;
    const output_constants c = convolution_constants(a, first, pair_elements, rvv_code_bias);
    kernels_window w = kernels_window_at(a, begin);
    for (; window + depthwise_windows <= end; window += depthwise_windows) w = depthwise_tile(a, &c, w, depthwise_windows);
    for (; window < end; window++) w = depthwise_tile(a, &c, w, 1);
  }
}

#endif
