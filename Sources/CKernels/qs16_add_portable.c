#include "forms.h"

void kernels_qs16_add_portable(const int16_t *a, float a_multiplier, const int16_t *b, float b_multiplier, int16_t *y, size_t count,
                               int32_t limit) {
  for (size_t i = 0; i < count; i++) {
    y[i] = kernels_requantize((float)a[i] * a_multiplier + (float)b[i] * b_multiplier, (float)limit);
  }
}
