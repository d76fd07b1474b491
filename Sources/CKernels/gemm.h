// The last step of a matrix product, one element.
#ifndef TRIBUTARY_CKERNELS_GEMM_H
#define TRIBUTARY_CKERNELS_GEMM_H

#include "polynomials.h"

/// The result at an output from sum = Σ code · weight of a row with that zero point and step.
static inline int16_t kernels_gemm_result(const kernels_gemm_arguments *g, int32_t sum, int32_t zero, float step, size_t output) {
  int32_t total = sum - zero * g->sums[output];
  float v = (float)total * step * g->multiplier[output] + g->bias[output];
  return kernels_requantize(kernels_activated(v, g->activation, g->rescale), (float)g->limit);
}

#endif
