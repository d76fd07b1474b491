#if defined(__x86_64__)
#include "vectors_avx2.h"

#include "forms.h"
#include "vector_activate.h"

VECTOR_TARGET void kernels_qs16_activate_avx2(const int16_t *x, int16_t *y, size_t count, float multiplier,
                                              kernels_activation activation, float rescale, int32_t limit) {
  activate(x, y, count, multiplier, activation, rescale, limit);
}

#endif
