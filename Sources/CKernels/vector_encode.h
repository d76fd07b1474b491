// int16 → 8-bit codes in the words of vectors_*.h.
#ifndef TRIBUTARY_CKERNELS_VECTOR_ENCODE_H
#define TRIBUTARY_CKERNELS_VECTOR_ENCODE_H

#include "forms.h"
#include "vector_polynomials.h"

VECTOR_TARGET void VECTOR_FORM(qs16_encode)(const int16_t *x, uint8_t *y, size_t count, float multiplier, int32_t zero) {
  const vector_int zeros = vector_broadcast_int(zero);
  size_t i = 0;
  for (; i + pair_elements <= count; i += pair_elements) {
    pair_encode(y + i, pair_scale(pair_from_int16(x + i), vector_broadcast(multiplier)), zeros);
  }
  kernels_qs16_encode_portable(x + i, y + i, count - i, multiplier, zero);
}

#endif
