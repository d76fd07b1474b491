// Rows of a table added to rows, in the words of vectors_*.h.
#ifndef TRIBUTARY_CKERNELS_VECTOR_POSITIONS_H
#define TRIBUTARY_CKERNELS_VECTOR_POSITIONS_H

#include "forms.h"
#include "vector_polynomials.h"

VECTOR_TARGET void VECTOR_FORM(qs16_positions)(const kernels_positions_arguments *p, size_t begin, size_t end) {
  const vector_float limits = vector_broadcast((float)p->limit), own = vector_broadcast(p->x_multiplier);
  for (size_t row = begin; row < end; row++) {
    const float scale = p->table_scale[row] * p->inverse_scale;
    const int16_t *x = p->x + row * p->width;
    const int8_t *table = p->table + row * p->width;
    int16_t *y = p->y + row * p->width;
    size_t i = 0;
    for (; i + pair_elements <= p->width; i += pair_elements) {
      vector_pair t = {vector_from_int8(table + i), vector_from_int8(table + i + vector_lanes)};
      pair_requantize(y + i, pair_add(pair_scale(pair_from_int16(x + i), own), pair_scale(t, vector_broadcast(scale))), limits);
    }
    for (; i < p->width; i++) {
      y[i] = kernels_requantize((float)x[i] * p->x_multiplier + (float)table[i] * scale, (float)p->limit);
    }
  }
}

#endif
