// The convolution of RISC-V's vectors, on the tiles of the matrix product: a row is a window.
#ifndef TRIBUTARY_CKERNELS_RVV_CONVOLVE_H
#define TRIBUTARY_CKERNELS_RVV_CONVOLVE_H

#include "forms.h"
#include "rvv_tile.h"
#include "vector_convolution.h"

/// The outputs `c` of windows window ..< end.
VECTOR_INLINE void convolve_columns(const kernels_convolution_arguments *a, const output_constants *c, size_t window, size_t end) {
  const size_t within = c->first % KERNELS_BLOCK_COLUMNS, depth = kernels_round_up(a->length, KERNELS_BLOCK_DEPTH);
  const int8_t *weights = a->weights + (c->first - within) * a->parts * depth + within * KERNELS_BLOCK_DEPTH;
  rvv_tile_inputs x = {.parts = a->parts, .part_stride = a->part_stride, .groups = depth / KERNELS_BLOCK_DEPTH, .run = 1};
  int32_t sums[rvv_tile_rows][pair_elements];
  size_t places[rvv_tile_rows];
  kernels_window w = kernels_window_at(a, window);
  for (size_t rows; window < end; window += rows) {
    rows = rvv_next_rows(end - window);
    w = kernels_take_windows(a, w, rows, x.rows, places);
    kernels_rvv_tile(&x, rows, weights, pair_elements, sums[0]);
    for (size_t r = 0; r < rows; r++) {
      vector_int low = vector_add_int(vector_load_int(sums[r]), vector_load_int(c->offset));
      vector_int high = vector_add_int(vector_load_int(sums[r] + vector_lanes), vector_load_int(c->offset + vector_lanes));
      convolution_store(a, c, low, high, places[r]);
    }
  }
}

VECTOR_TARGET void VECTOR_FORM(qu8_convolve)(const kernels_convolution_arguments *a, size_t begin, size_t end, size_t column_begin,
                                             size_t column_end) {
  for (size_t column = column_begin; column < column_end; column += pair_elements) {
    const output_constants c = convolution_constants(a, column, column_end - column, rvv_code_bias);
    convolve_columns(a, &c, begin, end);
  }
}

#endif
