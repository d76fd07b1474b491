// GELU in the words of vectors_*.h.
#ifndef TRIBUTARY_CKERNELS_VECTOR_GELU_H
#define TRIBUTARY_CKERNELS_VECTOR_GELU_H

#include "forms.h"
#include "vector_polynomials.h"

VECTOR_TARGET void VECTOR_FORM(qs16_gelu)(const int16_t *x, int16_t *y, size_t count, float multiplier, float rescale, int32_t limit) {
  const vector_float limits = vector_broadcast((float)limit);
  size_t i = 0;
  for (; i + pair_elements <= count; i += pair_elements) {
    vector_pair v = pair_gelu(pair_scale(pair_from_int16(x + i), vector_broadcast(multiplier)));
    pair_requantize(y + i, pair_scale(v, vector_broadcast(rescale)), limits);
  }
  kernels_qs16_gelu_portable(x + i, y + i, count - i, multiplier, rescale, limit);
}

#endif
