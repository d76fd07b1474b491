#include "forms.h"
#include "polynomials.h"

void kernels_qs16_add_portable(const int16_t *a, float a_multiplier, const int16_t *b, float b_multiplier, int16_t *y, size_t count,
                               kernels_activation activation, float rescale, int32_t limit) {
  for (size_t i = 0; i < count; i++) {
    float v = (float)a[i] * a_multiplier + (float)b[i] * b_multiplier;
    y[i] = kernels_requantize(kernels_activated(v, activation, rescale), (float)limit);
  }
}
