#include "forms.h"

void kernels_qs16_positions_portable(const kernels_positions_arguments *p, size_t begin, size_t end) {
  for (size_t row = begin; row < end; row++) {
    float t = p->table_scale[row] * p->inverse_scale;
    const int16_t *x = p->x + row * p->width;
    const int8_t *table = p->table + row * p->width;
    int16_t *y = p->y + row * p->width;
    for (size_t i = 0; i < p->width; i++) {
      y[i] = kernels_requantize((float)x[i] * p->x_multiplier + (float)table[i] * t, (float)p->limit);
    }
  }
}
