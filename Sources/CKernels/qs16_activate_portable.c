#include "forms.h"
#include "polynomials.h"

void kernels_qs16_activate_portable(const int16_t *x, int16_t *y, size_t count, float multiplier, kernels_activation activation,
                                    float rescale, int32_t limit) {
  for (size_t i = 0; i < count; i++) {
    y[i] = kernels_requantize(kernels_activated((float)x[i] * multiplier, activation, rescale), (float)limit);
  }
}
