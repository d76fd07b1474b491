#if defined(__x86_64__)
#include "vectors_avx2.h"

#include "forms.h"
#include "vector_encode.h"

VECTOR_TARGET void kernels_qs16_encode_avx2(const int16_t *x, uint8_t *y, size_t count, float multiplier, int32_t zero) {
  encode(x, y, count, multiplier, zero);
}

#endif
