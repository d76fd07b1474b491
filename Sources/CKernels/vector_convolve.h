// Convolution in the words of vectors_*.h, for processors without a dot product of bytes. Weights are widened as they are read, for the
// windows of a tile at a time.
#ifndef TRIBUTARY_CKERNELS_VECTOR_CONVOLVE_H
#define TRIBUTARY_CKERNELS_VECTOR_CONVOLVE_H

#include "forms.h"
#include "vector_convolution.h"
#include "vector_quads.h"

enum { convolve_rows = vector_tile_rows, group_bytes = KERNELS_BLOCK_COLUMNS * KERNELS_BLOCK_DEPTH };

VECTOR_INLINE quads_pair convolve_weights(const int8_t *weights) {
  const int32_t *lanes = (const int32_t *)(const void *)weights;
  return (quads_pair){quads_of_weights(vector_load_int(lanes)), quads_of_weights(vector_load_int(lanes + vector_lanes))};
}

VECTOR_INLINE quads_pair convolve_codes(const uint8_t *codes) {
  int32_t group;
  memcpy(&group, codes, sizeof group);
  const vector_quads quads = quads_of_codes(vector_broadcast_int(group));
  return (quads_pair){quads, quads};
}

/// A constant number of windows from `w` on, by a pair of vectors of outputs; returns the window behind them.
VECTOR_INLINE kernels_window convolve_tile(const kernels_convolution_arguments *a, const output_constants *c, kernels_window w,
                                           const size_t rows) {
  const size_t depth = a->parts * kernels_round_up(a->length, KERNELS_BLOCK_DEPTH);
  const size_t within = c->first % KERNELS_BLOCK_COLUMNS, block = c->first - within;
  const int8_t *weights = a->weights + block * depth + within * KERNELS_BLOCK_DEPTH;
  const uint8_t *x[convolve_rows];
  size_t places[convolve_rows];
  quad_sums_pair sums[convolve_rows];
  w = kernels_take_windows(a, w, rows, x, places);
  for (size_t r = 0; r < rows; r++) sums[r] = pair_begin_quads(vector_load_int(c->offset), vector_load_int(c->offset + vector_lanes));
  for (size_t part = 0; part < a->parts; part++) {
    for (size_t k = part * a->part_stride, end = k + a->length; k < end; k += KERNELS_BLOCK_DEPTH, weights += group_bytes) {
      const quads_pair group = convolve_weights(weights);
      for (size_t r = 0; r < rows; r++) sums[r] = pair_add_quads(sums[r], convolve_codes(x[r] + k), group);
    }
  }
  for (size_t r = 0; r < rows; r++) convolution_store(a, c, total_quads(sums[r].low), total_quads(sums[r].high), places[r]);
  return w;
}

VECTOR_TARGET void VECTOR_FORM(qu8_convolve)(const kernels_convolution_arguments *a, size_t begin, size_t end, size_t column_begin,
                                             size_t column_end) {
  for (size_t column = column_begin; column < column_end; column += pair_elements) {
    const output_constants c = convolution_constants(a, column, column_end - column, 0);
    kernels_window w = kernels_window_at(a, begin);
    size_t window = begin;
    for (; window + convolve_rows <= end; window += convolve_rows) w = convolve_tile(a, &c, w, convolve_rows);
    for (; window < end; window++) w = convolve_tile(a, &c, w, 1);
  }
}

#endif
