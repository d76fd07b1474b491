// Addition in the words of vectors_*.h.
#ifndef TRIBUTARY_CKERNELS_VECTOR_ADD_H
#define TRIBUTARY_CKERNELS_VECTOR_ADD_H

#include "forms.h"
#include "vector_polynomials.h"

VECTOR_TARGET void VECTOR_FORM(qs16_add)(const int16_t *a, float a_multiplier, const int16_t *b, float b_multiplier, int16_t *y,
                                         size_t count, int32_t limit) {
  const vector_float limits = vector_broadcast((float)limit);
  const vector_float a_multipliers = vector_broadcast(a_multiplier), b_multipliers = vector_broadcast(b_multiplier);
  size_t i = 0;
  for (; i + pair_elements <= count; i += pair_elements) {
    vector_pair sum = pair_add(pair_scale(pair_from_int16(a + i), a_multipliers), pair_scale(pair_from_int16(b + i), b_multipliers));
    pair_requantize(y + i, sum, limits);
  }
  kernels_qs16_add_portable(a + i, a_multiplier, b + i, b_multiplier, y + i, count - i, limit);
}

#endif
