#if defined(__x86_64__)
#include "vectors_avx2.h"

#include "forms.h"

enum { step_elements = 16 };

VECTOR_INLINE int32_t reduce_max(__m256i v) {
  __m128i half = _mm_max_epi16(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  half = _mm_max_epi16(half, _mm_shuffle_epi32(half, 0x4E));
  half = _mm_max_epi16(half, _mm_shuffle_epi32(half, 0xB1));
  half = _mm_max_epi16(half, _mm_srli_epi32(half, 16));
  return (int16_t)_mm_cvtsi128_si32(half);
}

VECTOR_INLINE float find_range(const int16_t *x, size_t width, kernels_rows rows, size_t row) {
  __m256i lows = _mm256_setzero_si256(), highs = _mm256_setzero_si256();
  size_t i = 0;
  for (; i + step_elements <= width; i += step_elements) {
    __m256i v = _mm256_loadu_si256((const __m256i *)(x + i));
    lows = _mm256_min_epi16(lows, v);
    highs = _mm256_max_epi16(highs, v);
  }
  int32_t low = -reduce_max(_mm256_sub_epi16(_mm256_setzero_si256(), lows)), high = reduce_max(highs);
  for (; i < width; i++) {
    low = x[i] < low ? x[i] : low;
    high = x[i] > high ? x[i] : high;
  }
  return kernels_row_range(rows, row, low, high);
}

VECTOR_INLINE vector_int encode(const int16_t *x, vector_float inverse, vector_int zero) {
  return vector_add_int(vector_round(vector_mul(vector_from_int16(x), inverse)), zero);
}

VECTOR_TARGET void kernels_qs16_quantize_rows_avx2(const int16_t *x, size_t x_stride, size_t m, size_t width, kernels_rows rows) {
  for (size_t row = 0; row < m; row++, x += x_stride) {
    uint8_t *codes = rows.codes + row * rows.stride;
    float inverse = find_range(x, width, rows, row);
    vector_float inverses = vector_broadcast(inverse);
    vector_int zeros = vector_broadcast_int(rows.zero[row]);
    size_t i = 0;
    for (; i + step_elements <= width; i += step_elements) {
      __m256i pairs = _mm256_packs_epi32(encode(x + i, inverses, zeros), encode(x + i + vector_lanes, inverses, zeros));
      pairs = _mm256_permute4x64_epi64(pairs, 0xD8);
      __m128i packed = _mm_packus_epi16(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
      _mm_storeu_si128((__m128i *)(codes + i), packed);
    }
    for (; i < width; i++) codes[i] = kernels_code(x[i], inverse, rows.zero[row]);
    memset(codes + width, 0, kernels_round_up(width, 4) - width);
  }
}

#endif
