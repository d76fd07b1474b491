#include "forms.h"

void kernels_qs8_embedding_portable(const kernels_embedding_arguments *e, size_t begin, size_t end) {
  for (size_t row = begin; row < end; row++) {
    size_t id = (size_t)e->ids[row];
    const int8_t *token = e->tokens + id * e->width, *position = e->positions + row * e->width;
    float t = e->token_scale[id] * e->inverse_scale, p = e->position_scale[row] * e->inverse_scale;
    int16_t *y = e->y + row * e->width;
    for (size_t i = 0; i < e->width; i++) y[i] = kernels_requantize((float)token[i] * t + (float)position[i] * p, (float)e->limit);
  }
}
