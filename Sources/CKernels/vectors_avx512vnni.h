// The vocabulary of the vector forms for AVX-512 with VNNI: sixteen lanes of 32 bits. vectors_avx2.h tells what the words mean.
#ifndef TRIBUTARY_CKERNELS_VECTORS_H
#define TRIBUTARY_CKERNELS_VECTORS_H

#include <immintrin.h>

#include "common.h"

#define VECTOR_FEATURES target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")
#define VECTOR_TARGET __attribute__((VECTOR_FEATURES))
#define VECTOR_INLINE static inline __attribute__((VECTOR_FEATURES, always_inline, unused))
#define VECTOR_APART static __attribute__((VECTOR_FEATURES, noinline))

#define VECTOR_FORM(kernel) kernels_##kernel##_avx512vnni
#define VECTOR_NARROW_FORM(kernel) kernels_##kernel##_avx2
#define VECTOR_DOT_QUADS _mm512_dpbusd_epi32

enum { vector_lanes = 16, vector_tile_rows = 4 };

typedef __m512 vector_float;
typedef __m512i vector_int;
typedef __m512i vector_shorts;
typedef __m512i vector_long;
typedef __m512i vector_pair_sums;

VECTOR_INLINE vector_float vector_broadcast(float v) { return _mm512_set1_ps(v); }
VECTOR_INLINE vector_float vector_load(const float *x) { return _mm512_loadu_ps(x); }
VECTOR_INLINE vector_float vector_add(vector_float a, vector_float b) { return _mm512_add_ps(a, b); }
VECTOR_INLINE vector_float vector_sub(vector_float a, vector_float b) { return _mm512_sub_ps(a, b); }
VECTOR_INLINE vector_float vector_mul(vector_float a, vector_float b) { return _mm512_mul_ps(a, b); }
VECTOR_INLINE vector_float vector_div(vector_float a, vector_float b) { return _mm512_div_ps(a, b); }
VECTOR_INLINE vector_float vector_min(vector_float a, vector_float b) { return _mm512_min_ps(a, b); }
VECTOR_INLINE vector_float vector_max(vector_float a, vector_float b) { return _mm512_max_ps(a, b); }
VECTOR_INLINE vector_float vector_abs(vector_float v) { return _mm512_abs_ps(v); }
VECTOR_INLINE vector_float vector_to_float(vector_int v) { return _mm512_cvtepi32_ps(v); }
VECTOR_INLINE vector_int vector_round(vector_float v) { return _mm512_cvtps_epi32(v); }

VECTOR_INLINE vector_int vector_broadcast_int(int32_t v) { return _mm512_set1_epi32(v); }
VECTOR_INLINE vector_int vector_load_int(const int32_t *x) { return _mm512_loadu_si512(x); }
VECTOR_INLINE void vector_store_int(int32_t *y, vector_int v) { _mm512_storeu_si512(y, v); }
VECTOR_INLINE vector_int vector_add_int(vector_int a, vector_int b) { return _mm512_add_epi32(a, b); }
VECTOR_INLINE vector_int vector_sub_int(vector_int a, vector_int b) { return _mm512_sub_epi32(a, b); }
VECTOR_INLINE vector_int vector_mul_int(vector_int a, vector_int b) { return _mm512_mullo_epi32(a, b); }
VECTOR_INLINE vector_int vector_and_int(vector_int a, vector_int b) { return _mm512_and_si512(a, b); }
VECTOR_INLINE vector_int vector_shift_right(vector_int a, int bits) { return _mm512_srli_epi32(a, (unsigned)bits); }
VECTOR_INLINE vector_int vector_or_int(vector_int a, vector_int b) { return _mm512_or_si512(a, b); }
VECTOR_INLINE vector_int vector_max_int(vector_int a, vector_int b) { return _mm512_max_epi32(a, b); }

VECTOR_INLINE vector_int vector_abs_bytes(vector_int v) { return _mm512_abs_epi8(v); }
VECTOR_INLINE vector_shorts vector_byte_pairs(vector_int v) { return _mm512_maddubs_epi16(_mm512_set1_epi8(1), v); }
VECTOR_INLINE vector_shorts vector_code_pairs(vector_int v) { return _mm512_maddubs_epi16(v, _mm512_set1_epi8(1)); }

VECTOR_INLINE vector_pair_sums vector_begin_pairs(vector_int begin) { return begin; }
VECTOR_INLINE vector_pair_sums vector_add_pairs(vector_pair_sums sum, vector_int a, vector_int b) { return _mm512_dpwssd_epi32(sum, a, b); }
VECTOR_INLINE vector_int vector_total_pairs(vector_pair_sums sum) { return sum; }

VECTOR_INLINE void vector_load_quads(const void *x, size_t stride, const size_t count, vector_int *low, vector_int *high) {
  __m256i bytes[4];
  for (size_t i = 0; i < 4; i++) {
    bytes[i] = i < count ? _mm256_loadu_si256((const __m256i *)((const uint8_t *)x + i * stride)) : _mm256_setzero_si256();
  }
  __m256i first = _mm256_unpacklo_epi8(bytes[0], bytes[1]), second = _mm256_unpacklo_epi8(bytes[2], bytes[3]);
  *low = _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_unpacklo_epi16(first, second)), _mm256_unpackhi_epi16(first, second), 1);
  first = _mm256_unpackhi_epi8(bytes[0], bytes[1]);
  second = _mm256_unpackhi_epi8(bytes[2], bytes[3]);
  *high = _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_unpacklo_epi16(first, second)), _mm256_unpackhi_epi16(first, second), 1);
}
VECTOR_INLINE void vector_order_quads(vector_int *low, vector_int *high) {
  const vector_int first = *low, second = *high;
  *low = _mm512_shuffle_i64x2(first, second, 0x88);
  *high = _mm512_shuffle_i64x2(first, second, 0xDD);
}

VECTOR_INLINE vector_float vector_scale_exponent(vector_float v, vector_int n) {
  return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(v), _mm512_slli_epi32(n, 23)));
}

VECTOR_INLINE vector_int vector_first(vector_int v, size_t count) {
  uint32_t kept = (uint32_t)(count < vector_lanes ? count : vector_lanes);
  return _mm512_maskz_mov_epi32((__mmask16)((1u << kept) - 1), v);
}

VECTOR_INLINE int32_t vector_sum(vector_int v) { return _mm512_reduce_add_epi32(v); }
VECTOR_INLINE int32_t vector_largest(vector_int v) { return _mm512_reduce_max_epi32(v); }

VECTOR_INLINE vector_shorts vector_load_shorts(const int16_t *x) { return _mm512_loadu_si512(x); }
VECTOR_INLINE vector_shorts vector_no_shorts(void) { return _mm512_setzero_si512(); }
VECTOR_INLINE vector_shorts vector_min_shorts(vector_shorts a, vector_shorts b) { return _mm512_min_epi16(a, b); }
VECTOR_INLINE vector_shorts vector_max_shorts(vector_shorts a, vector_shorts b) { return _mm512_max_epi16(a, b); }
VECTOR_INLINE vector_shorts vector_plus_shorts(vector_shorts a, vector_shorts b) { return _mm512_add_epi16(a, b); }
VECTOR_INLINE vector_shorts vector_negate_shorts(vector_shorts v) { return _mm512_sub_epi16(_mm512_setzero_si512(), v); }

VECTOR_INLINE int32_t vector_largest_short(vector_shorts v) {
  __m256i half = _mm256_max_epi16(_mm512_castsi512_si256(v), _mm512_extracti64x4_epi64(v, 1));
  __m128i quarter = _mm_max_epi16(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
  return INT16_MAX - _mm_extract_epi16(_mm_minpos_epu16(_mm_sub_epi16(_mm_set1_epi16(INT16_MAX), quarter)), 0);
}

VECTOR_INLINE vector_int vector_add_shorts(vector_int sum, vector_shorts v) {
  return _mm512_dpwssd_epi32(sum, v, _mm512_set1_epi16(1));
}

VECTOR_INLINE vector_long vector_no_squares(void) { return _mm512_setzero_si512(); }

VECTOR_INLINE vector_long vector_add_squares(vector_long sum, vector_shorts v) {
  __m512i square = _mm512_madd_epi16(v, v), low_half = _mm512_set1_epi64(0xFFFFFFFF);
  return _mm512_add_epi64(sum, _mm512_add_epi64(_mm512_and_si512(square, low_half), _mm512_srli_epi64(square, 32)));
}

VECTOR_INLINE int64_t vector_sum_long(vector_long v) { return _mm512_reduce_add_epi64(v); }

VECTOR_INLINE vector_int vector_int_from_int16(const int16_t *x) {
  return _mm512_cvtepi16_epi32(_mm256_loadu_si256((const __m256i *)x));
}
VECTOR_INLINE vector_int vector_int_from_int8(const int8_t *x) { return _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)x)); }
VECTOR_INLINE vector_int vector_int_from_uint8(const uint8_t *x) { return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)x)); }
VECTOR_INLINE vector_float vector_from_int16(const int16_t *x) { return _mm512_cvtepi32_ps(vector_int_from_int16(x)); }
VECTOR_INLINE vector_float vector_from_int8(const int8_t *x) {
  return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)x)));
}

/// Integers that fit 16 bits, in order.
VECTOR_INLINE __m512i ordered_shorts(vector_int low, vector_int high) {
  const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
  return _mm512_permutexvar_epi64(order, _mm512_packs_epi32(low, high));
}

/// Integers clamped to 0...255, in order.
VECTOR_INLINE __m256i ordered_codes(vector_int low, vector_int high) {
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 0, 4, 8, 12, 1, 5, 9, 13);
  __m512i shorts = _mm512_packs_epi32(low, high);
  return _mm512_castsi512_si256(_mm512_permutexvar_epi32(order, _mm512_packus_epi16(shorts, shorts)));
}

VECTOR_INLINE void vector_store_int16(int16_t *y, vector_int low, vector_int high) { _mm512_storeu_si512(y, ordered_shorts(low, high)); }
VECTOR_INLINE void vector_store_first_int16(int16_t *y, vector_int low, vector_int high, size_t count) {
  _mm512_mask_storeu_epi16(y, (1u << count) - 1, ordered_shorts(low, high));
}

VECTOR_INLINE void vector_store_uint8(uint8_t *y, vector_int low, vector_int high) {
  _mm256_storeu_si256((__m256i *)y, ordered_codes(low, high));
}
VECTOR_INLINE void vector_store_first_uint8(uint8_t *y, vector_int low, vector_int high, size_t count) {
  _mm256_mask_storeu_epi8(y, (1u << count) - 1, ordered_codes(low, high));
}

#endif
