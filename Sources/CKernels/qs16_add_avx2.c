#if defined(__x86_64__)
#include "vectors_avx2.h"

#include "forms.h"
#include "vector_polynomials.h"

VECTOR_INLINE vector_pair load_scaled(const int16_t *x, float multiplier) {
  return pair_scale((vector_pair){vector_from_int16(x), vector_from_int16(x + vector_lanes)}, vector_broadcast(multiplier));
}

VECTOR_TARGET void kernels_qs16_add_avx2(const int16_t *a, float a_multiplier, const int16_t *b, float b_multiplier, int16_t *y,
                                         size_t count, int32_t limit) {
  const vector_float limits = vector_broadcast((float)limit);
  size_t i = 0;
  for (; i + pair_elements <= count; i += pair_elements) {
    pair_requantize(y + i, pair_add(load_scaled(a + i, a_multiplier), load_scaled(b + i, b_multiplier)), limits);
  }
  kernels_qs16_add_portable(a + i, a_multiplier, b + i, b_multiplier, y + i, count - i, limit);
}

#endif
