#if defined(__x86_64__)
#include "vectors_avx2.h"

#include "forms.h"
#include "vector_polynomials.h"

VECTOR_INLINE vector_pair load_scaled(const int8_t *x, float scale) {
  return pair_scale((vector_pair){vector_from_int8(x), vector_from_int8(x + vector_lanes)}, vector_broadcast(scale));
}

VECTOR_TARGET void kernels_qs8_embedding_avx2(const kernels_embedding_arguments *e, size_t begin, size_t end) {
  const vector_float limits = vector_broadcast((float)e->limit);
  for (size_t row = begin; row < end; row++) {
    size_t id = (size_t)e->ids[row];
    const int8_t *token = e->tokens + id * e->width, *position = e->positions + row * e->width;
    float t = e->token_scale[id] * e->inverse_scale, p = e->position_scale[row] * e->inverse_scale;
    int16_t *y = e->y + row * e->width;
    size_t i = 0;
    for (; i + pair_elements <= e->width; i += pair_elements) {
      pair_requantize(y + i, pair_add(load_scaled(token + i, t), load_scaled(position + i, p)), limits);
    }
    for (; i < e->width; i++) y[i] = kernels_requantize((float)token[i] * t + (float)position[i] * p, (float)e->limit);
  }
}

#endif
