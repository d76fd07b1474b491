// Convolution in the words of vectors_*.h, for processors without a dot product of bytes: the product of 16-bit pairs, inputs (0, 2) and
// (1, 3) of each group of four apart. Weights are widened as they are read, for the windows of a tile at a time.
#ifndef TRIBUTARY_CKERNELS_VECTOR_CONVOLVE_H
#define TRIBUTARY_CKERNELS_VECTOR_CONVOLVE_H

#include "forms.h"
#include "vector_convolution.h"

enum { convolve_rows = 2, group_bytes = KERNELS_BLOCK_COLUMNS * KERNELS_BLOCK_DEPTH };

/// sums [rows][pair_elements] of a pair of vectors of outputs, for a constant number of rows.
VECTOR_INLINE void convolve_multiply(const kernels_convolution_arguments *a, const uint8_t *const x[convolve_rows], const size_t rows,
                                     const int8_t *weights, vector_int low[convolve_rows], vector_int high[convolve_rows]) {
  vector_pair_sums lows[convolve_rows], highs[convolve_rows];
  for (size_t r = 0; r < rows; r++) lows[r] = highs[r] = vector_no_pairs();
  for (size_t part = 0; part < a->parts; part++) {
    for (size_t k = 0; k < a->length; k += KERNELS_BLOCK_DEPTH, weights += group_bytes) {
      vector_int first = vector_load_int((const int32_t *)weights), second = vector_load_int((const int32_t *)weights + vector_lanes);
      vector_int first_even = vector_even_bytes(first), first_odd = vector_odd_bytes(first);
      vector_int second_even = vector_even_bytes(second), second_odd = vector_odd_bytes(second);
      for (size_t r = 0; r < rows; r++) {
        int32_t bits;
        memcpy(&bits, x[r] + part * a->part_stride + k, sizeof bits);
        vector_int group = vector_broadcast_int(bits), even = vector_even_codes(group), odd = vector_odd_codes(group);
        lows[r] = vector_add_pairs(vector_add_pairs(lows[r], even, first_even), odd, first_odd);
        highs[r] = vector_add_pairs(vector_add_pairs(highs[r], even, second_even), odd, second_odd);
      }
    }
  }
  for (size_t r = 0; r < rows; r++) {
    low[r] = vector_total_pairs(lows[r]);
    high[r] = vector_total_pairs(highs[r]);
  }
}

/// A constant number of windows from `w` on, by a pair of vectors of outputs; returns the window behind them.
VECTOR_INLINE kernels_window convolve_tile(const kernels_convolution_arguments *a, const output_constants *c, kernels_window w,
                                           const size_t rows) {
  const size_t depth = a->parts * kernels_round_up(a->length, KERNELS_BLOCK_DEPTH);
  const size_t within = c->output % KERNELS_BLOCK_COLUMNS, block = c->output - within;
  const uint8_t *x[convolve_rows];
  size_t places[convolve_rows];
  vector_int low[convolve_rows], high[convolve_rows];
  for (size_t r = 0; r < rows; r++, w = kernels_next_window(a, w)) {
    x[r] = w.x;
    places[r] = w.place;
  }
  convolve_multiply(a, x, rows, a->weights + block * depth + within * KERNELS_BLOCK_DEPTH, low, high);
  for (size_t r = 0; r < rows; r++) convolution_store(a, c, low[r], high[r], places[r]);
  return w;
}

VECTOR_TARGET void VECTOR_FORM(qu8_convolve)(const kernels_convolution_arguments *a, size_t begin, size_t end, size_t column_begin,
                                             size_t column_end) {
  for (size_t column = column_begin; column < column_end; column += pair_elements) {
    const output_constants c = constants_of(a, column, column_end - column);
    kernels_window w = kernels_window_at(a, begin);
    size_t window = begin;
    for (; window + convolve_rows <= end; window += convolve_rows) w = convolve_tile(a, &c, w, convolve_rows);
    for (; window < end; window++) w = convolve_tile(a, &c, w, 1);
  }
}

#endif
