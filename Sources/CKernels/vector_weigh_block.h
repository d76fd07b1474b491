// Weighing a block of weights in the words of vectors_*.h.
#ifndef TRIBUTARY_CKERNELS_VECTOR_WEIGH_BLOCK_H
#define TRIBUTARY_CKERNELS_VECTOR_WEIGH_BLOCK_H

#include "forms.h"

VECTOR_TARGET int32_t VECTOR_FORM(qs8_weigh_block)(const int8_t *weights, size_t groups, size_t run, int32_t *sums) {
  vector_int sizes = vector_broadcast_int(0);
  vector_shorts heaviest = vector_no_shorts();
  for (size_t n = 0; n < KERNELS_BLOCK_COLUMNS; n += vector_lanes) {
    const int8_t *next = weights + n * KERNELS_BLOCK_DEPTH;
    vector_int total = vector_broadcast_int(0);
    for (size_t first = 0; first < groups; first += run) {
      vector_shorts sum = vector_no_shorts(), size = vector_no_shorts();
      for (size_t left = kernels_min(run, groups - first); left > 0; left--) {
        vector_int quads = vector_load_int((const int32_t *)(const void *)next), positive = vector_abs_bytes(quads);
        sum = vector_plus_shorts(sum, vector_byte_pairs(quads));
        size = vector_plus_shorts(size, vector_code_pairs(positive));
        sizes = vector_or_int(sizes, positive);
        next += KERNELS_BLOCK_COLUMNS * KERNELS_BLOCK_DEPTH;
      }
      total = vector_add_shorts(total, sum);
      // Positive weights and negative ones: (size ± sum) / 2.
      heaviest = vector_max_shorts(heaviest, vector_plus_shorts(size, vector_max_shorts(sum, vector_negate_shorts(sum))));
    }
    vector_store_int(sums + n, total);
  }
  // The highest bit of a size is set for −128 alone.
  vector_int minima = vector_and_int(vector_shift_right(sizes, 7), vector_broadcast_int(0x01010101));
  return vector_largest(minima) > 0 ? -1 : vector_largest_short(heaviest) / 2;
}

#endif
