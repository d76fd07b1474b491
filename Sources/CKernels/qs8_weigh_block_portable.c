#include "forms.h"

int32_t kernels_qs8_weigh_block_portable(const int8_t *weights, size_t groups, size_t run, int32_t *sums) {
  enum { lane_inputs = 2, lanes = KERNELS_BLOCK_COLUMNS * KERNELS_BLOCK_DEPTH / lane_inputs };
  int32_t heaviest = 0, has_minimum = 0;
  for (size_t n = 0; n < KERNELS_BLOCK_COLUMNS; n++) sums[n] = 0;
  for (size_t first = 0; first < groups; first += run) {
    size_t count = kernels_min(run, groups - first);
    for (size_t lane = 0; lane < lanes; lane++) {
      int32_t sum = 0, size = 0;
      for (size_t i = 0; i < count * lane_inputs; i++) {
        int32_t weight = weights[((first + i / lane_inputs) * lanes + lane) * lane_inputs + i % lane_inputs];
        has_minimum |= weight == INT8_MIN;
        sum += weight;
        size += weight < 0 ? -weight : weight;
      }
      int32_t weighs = (size + (sum < 0 ? -sum : sum)) / 2;
      heaviest = weighs > heaviest ? weighs : heaviest;
      sums[lane * lane_inputs / KERNELS_BLOCK_DEPTH] += sum;
    }
  }
  return has_minimum ? -1 : heaviest;
}
