#if defined(__x86_64__)
#include "vectors_avx2.h"

#include "forms.h"
#include "vector_add.h"

VECTOR_TARGET void kernels_qs16_add_avx2(const int16_t *a, float a_multiplier, const int16_t *b, float b_multiplier, int16_t *y,
                                         size_t count, kernels_activation activation, float rescale, int32_t limit) {
  add(a, a_multiplier, b, b_multiplier, y, count, activation, rescale, limit);
}

#endif
