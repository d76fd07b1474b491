#if defined(__x86_64__)
#include "vectors_avx2.h"

#include "forms.h"
#include "vector_polynomials.h"

VECTOR_INLINE vector_float decode(const uint8_t *codes, vector_int zero) {
  vector_int code = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)codes));
  return vector_to_float(vector_sub_int(code, zero));
}

VECTOR_TARGET void kernels_qu8_dequantize_rows_avx2(kernels_rows rows, size_t m, size_t width, int16_t *y, size_t y_stride) {
  const vector_float limits = vector_broadcast(32767.0f);
  for (size_t row = 0; row < m; row++, y += y_stride) {
    const uint8_t *codes = rows.codes + row * rows.stride;
    float step = kernels_row_step(rows, row);
    vector_int zero = vector_broadcast_int(rows.zero[row]);
    size_t i = 0;
    for (; i + pair_elements <= width; i += pair_elements) {
      vector_pair v = {decode(codes + i, zero), decode(codes + i + vector_lanes, zero)};
      pair_requantize(y + i, pair_scale(v, vector_broadcast(step)), limits);
    }
    for (; i < width; i++) y[i] = kernels_decoded(codes[i] - rows.zero[row], step);
  }
}

#endif
