// Embedding in the words of vectors_*.h.
#ifndef TRIBUTARY_CKERNELS_VECTOR_EMBEDDING_H
#define TRIBUTARY_CKERNELS_VECTOR_EMBEDDING_H

#include "forms.h"
#include "vector_polynomials.h"

VECTOR_TARGET void VECTOR_FORM(qs8_embedding)(const kernels_embedding_arguments *e, size_t begin, size_t end) {
  const vector_float limits = vector_broadcast((float)e->limit);
  for (size_t row = begin; row < end; row++) {
    size_t id = (size_t)e->ids[row];
    const int8_t *token = e->tokens + id * e->width, *position = e->positions + row * e->width;
    const float t = e->token_scale[id] * e->inverse_scale, p = e->position_scale[row] * e->inverse_scale;
    const vector_float ts = vector_broadcast(t), ps = vector_broadcast(p);
    int16_t *y = e->y + row * e->width;
    size_t i = 0;
    for (; i + pair_elements <= e->width; i += pair_elements) {
      pair_requantize(y + i, pair_add(pair_scale(pair_from_int8(token + i), ts), pair_scale(pair_from_int8(position + i), ps)), limits);
    }
    for (; i < e->width; i++) y[i] = kernels_requantize((float)token[i] * t + (float)position[i] * p, (float)e->limit);
  }
}

#endif
