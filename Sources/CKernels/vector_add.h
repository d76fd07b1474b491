// Sums in the words of vectors_*.h.
#ifndef TRIBUTARY_CKERNELS_VECTOR_ADD_H
#define TRIBUTARY_CKERNELS_VECTOR_ADD_H

#include "forms.h"
#include "vector_polynomials.h"

VECTOR_TARGET void VECTOR_FORM(qs16_add)(const int16_t *a, float a_multiplier, const int16_t *b, float b_multiplier, int16_t *y,
                                         size_t count, kernels_activation activation, float rescale, int32_t limit) {
  const vector_float limits = vector_broadcast((float)limit), left = vector_broadcast(a_multiplier), right = vector_broadcast(b_multiplier);
  size_t i = 0;
  for (; i + pair_elements <= count; i += pair_elements) {
    vector_pair v = pair_add(pair_scale(pair_from_int16(a + i), left), pair_scale(pair_from_int16(b + i), right));
    pair_requantize(y + i, pair_activated(v, activation, rescale), limits);
  }
  kernels_qs16_add_portable(a + i, a_multiplier, b + i, b_multiplier, y + i, count - i, activation, rescale, limit);
}

#endif
