#include "forms.h"

void kernels_qs16_encode_portable(const int16_t *x, uint8_t *y, size_t count, float multiplier, int32_t zero) {
  for (size_t i = 0; i < count; i++) y[i] = kernels_encoded((float)x[i] * multiplier, zero);
}
