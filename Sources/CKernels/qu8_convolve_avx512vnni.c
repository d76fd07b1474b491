#if defined(__x86_64__)
#include "tile_avx512vnni.h"

#include "forms.h"
#include "vector_convolution.h"

VECTOR_INLINE void convolve_columns(const kernels_convolution_arguments *a, size_t window, size_t end, size_t column, const size_t blocks,
                                    size_t columns) {
  tile_inputs x = {.parts = a->parts, .part_stride = a->part_stride, .depth = kernels_round_up(a->length, KERNELS_BLOCK_DEPTH)};
  const int8_t *weights = a->weights + column * x.parts * x.depth;
  int32_t sums[tile_rows][tile_columns];
  for (size_t rows; window < end; window += rows) {
    rows = next_rows(end - window);
    for (size_t r = 0; r < rows; r++) x.rows[r] = kernels_window(a, window + r);
    multiply_rows(&x, rows, weights, blocks, sums);
    for (size_t r = 0; r < rows; r++) convolution_finish(a, sums[r], window + r, column, columns);
  }
}

VECTOR_TARGET void kernels_qu8_convolve_avx512vnni(const kernels_convolution_arguments *a, size_t begin, size_t end, size_t column_begin,
                                                   size_t column_end) {
  for (size_t column = column_begin; column < column_end; column += tile_columns) {
    size_t columns = kernels_min(tile_columns, column_end - column);
    if (columns > KERNELS_BLOCK_COLUMNS) {
      convolve_columns(a, begin, end, column, tile_blocks, columns);
    } else {
      convolve_columns(a, begin, end, column, 1, columns);
    }
  }
}

#endif
