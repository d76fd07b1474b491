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

VECTOR_INLINE void convolve_tile(const kernels_convolution_arguments *a, size_t window, const size_t rows, size_t column, size_t columns) {
  const size_t depth = a->parts * kernels_round_up(a->length, KERNELS_BLOCK_DEPTH);
  const size_t block = column / KERNELS_BLOCK_COLUMNS * KERNELS_BLOCK_COLUMNS, within = column % KERNELS_BLOCK_COLUMNS;
  const uint8_t *x[convolve_rows];
  vector_int low[convolve_rows], high[convolve_rows];
  for (size_t r = 0; r < rows; r++) x[r] = kernels_window(a, window + r);
  convolve_multiply(a, x, rows, a->weights + block * depth + within * KERNELS_BLOCK_DEPTH, low, high);
  for (size_t r = 0; r < rows; r++) {
    int32_t sums[pair_elements];
    vector_store_int(sums, low[r]);
    vector_store_int(sums + vector_lanes, high[r]);
    convolution_finish(a, sums, window + r, column, kernels_min(columns, pair_elements));
  }
}

VECTOR_TARGET void VECTOR_FORM(qu8_convolve)(const kernels_convolution_arguments *a, size_t begin, size_t end, size_t column_begin,
                                             size_t column_end) {
  for (size_t column = column_begin; column < column_end; column += pair_elements) {
    size_t columns = column_end - column, window = begin;
    for (; window + convolve_rows <= end; window += convolve_rows) convolve_tile(a, window, convolve_rows, column, columns);
    for (; window < end; window++) convolve_tile(a, window, 1, column, columns);
  }
}

#endif
