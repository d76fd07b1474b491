#include "convolution.h"
#include "forms.h"

enum { tile_columns = KERNELS_BLOCK_COLUMNS };

/// Adds a run's products to the sums of one block of outputs. Weights of 4 inputs of 16 outputs lie together.
static void add_run(int32_t sums[tile_columns], const uint8_t *run, size_t length, const int8_t *weights) {
  for (size_t k = 0; k < length; k++) {
    const int8_t *group = weights + k / KERNELS_BLOCK_DEPTH * KERNELS_BLOCK_DEPTH * tile_columns + k % KERNELS_BLOCK_DEPTH;
    for (size_t j = 0; j < tile_columns; j++) sums[j] += run[k] * group[j * KERNELS_BLOCK_DEPTH];
  }
}

void kernels_qu8_convolve_portable(const kernels_convolution_arguments *a, size_t begin, size_t end, size_t column_begin,
                                   size_t column_end) {
  const size_t depth = kernels_round_up(a->length, KERNELS_BLOCK_DEPTH);
  for (size_t column = column_begin; column < column_end; column += tile_columns) {
    size_t columns = kernels_min(tile_columns, column_end - column);
    kernels_window w = kernels_window_at(a, begin);
    for (size_t window = begin; window < end; window++, w = kernels_next_window(a, w)) {
      const int8_t *weights = a->weights + column * a->parts * depth;
      int32_t sums[tile_columns] = {0};
      for (size_t part = 0; part < a->parts; part++, weights += depth * tile_columns) {
        add_run(sums, w.x + part * a->part_stride, a->length, weights);
      }
      size_t place = w.place + column;
      for (size_t j = 0; j < columns; j++) kernels_convolution_store(a, sums[j], column + j, place + j);
    }
  }
}
