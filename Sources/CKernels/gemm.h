// The last step of a matrix product, one element.
#ifndef TRIBUTARY_CKERNELS_GEMM_H
#define TRIBUTARY_CKERNELS_GEMM_H

#include "polynomials.h"

/// The result at a row and output from sum = Σ code · weight; step is that row's.
static inline int16_t kernels_gemm_result(const kernels_gemm_arguments *g, int32_t sum, float step, size_t row, size_t output) {
  int32_t total = sum - g->rows.zero[row] * g->sums[output];
  float v = (float)total * step * g->multiplier[output] + g->bias[output];
  return kernels_requantize(kernels_activated(v, g->activation, g->rescale), (float)g->limit);
}

#endif
