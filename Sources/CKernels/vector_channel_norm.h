// The norm of channels over rows, in the words of vectors_*.h.
//
// Sums of up to 65536 rows fit the lanes: that of x (≤ 2^15 each), and those of the lower and the upper 16 bits of x².
#ifndef TRIBUTARY_CKERNELS_VECTOR_CHANNEL_NORM_H
#define TRIBUTARY_CKERNELS_VECTOR_CHANNEL_NORM_H

#include "forms.h"
#include "vector_polynomials.h"

/// The affine maps of one vector of channels.
VECTOR_INLINE void normalize_channels(const kernels_channel_norm_arguments *a, size_t channel, float *scale, float *offset) {
  const vector_int low = vector_broadcast_int(0xFFFF);
  vector_int sums = vector_broadcast_int(0), lows = sums, highs = sums;
  for (size_t i = 0; i < a->m; i++) {
    vector_int x = vector_int_from_int16(a->x + i * a->x_stride + channel), square = vector_mul_int(x, x);
    sums = vector_add_int(sums, x);
    lows = vector_add_int(lows, vector_and_int(square, low));
    highs = vector_add_int(highs, vector_shift_right(square, 16));
  }
  int32_t sum[vector_lanes], lower[vector_lanes], upper[vector_lanes];
  vector_store_int(sum, sums);
  vector_store_int(lower, lows);
  vector_store_int(upper, highs);
  for (size_t c = 0; c < vector_lanes; c++) {
    int64_t squares = (int64_t)(uint32_t)lower[c] + ((int64_t)(uint32_t)upper[c] << 16);
    kernels_normalization n = kernels_normalize(sum[c], squares, a->m, a->epsilon);
    scale[c] = n.scale;
    offset[c] = n.offset;
  }
}

/// One pair of channels.
VECTOR_INLINE void norm_pair(const kernels_channel_norm_arguments *a, size_t channel) {
  float scale[pair_elements], offset[pair_elements];
  for (size_t half = 0; half < pair_elements; half += vector_lanes) normalize_channels(a, channel + half, scale + half, offset + half);
  const vector_pair scales = pair_load(scale), offsets = pair_load(offset);
  const vector_pair gains = pair_load(a->gain + channel), shifts = pair_load(a->shift + channel);
  const vector_float limits = vector_broadcast((float)a->limit);
  for (size_t i = 0; i < a->m; i++) {
    vector_pair v = pair_add(pair_mul(pair_from_int16(a->x + i * a->x_stride + channel), scales), offsets);
    v = pair_add(pair_mul(v, gains), shifts);
    pair_requantize(a->y + i * a->y_stride + channel, pair_activated(v, a->activation, a->rescale), limits);
  }
}

VECTOR_TARGET void VECTOR_FORM(qs16_channel_norm)(const kernels_channel_norm_arguments *a) {
  size_t channel = 0;
  for (; channel + pair_elements <= a->width; channel += pair_elements) norm_pair(a, channel);
  kernels_channel_norm_arguments rest = *a;
  rest.x += channel;
  rest.y += channel;
  rest.gain += channel;
  rest.shift += channel;
  rest.width -= channel;
  kernels_qs16_channel_norm_portable(&rest);
}

#endif
