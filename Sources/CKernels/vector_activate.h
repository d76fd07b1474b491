// Activations in the words of vectors_*.h.
#ifndef TRIBUTARY_CKERNELS_VECTOR_ACTIVATE_H
#define TRIBUTARY_CKERNELS_VECTOR_ACTIVATE_H

#include "forms.h"
#include "vector_polynomials.h"

VECTOR_TARGET void VECTOR_FORM(qs16_activate)(const int16_t *x, int16_t *y, size_t count, float multiplier,
                                              kernels_activation activation, float rescale, int32_t limit) {
  const vector_float limits = vector_broadcast((float)limit);
  size_t i = 0;
  for (; i + pair_elements <= count; i += pair_elements) {
    vector_pair v = pair_scale(pair_from_int16(x + i), vector_broadcast(multiplier));
    pair_requantize(y + i, pair_activated(v, activation, rescale), limits);
  }
  kernels_qs16_activate_portable(x + i, y + i, count - i, multiplier, activation, rescale, limit);
}

#endif
