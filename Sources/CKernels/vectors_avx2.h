// The vocabulary of the vector forms for AVX2: eight lanes of 32 bits. vectors_avx512.h says the same words for sixteen.
#ifndef TRIBUTARY_CKERNELS_VECTORS_H
#define TRIBUTARY_CKERNELS_VECTORS_H

#include <immintrin.h>

#include "common.h"

#define VECTOR_TARGET __attribute__((target("avx2")))
#define VECTOR_INLINE static inline __attribute__((target("avx2"), always_inline, unused))

enum { vector_lanes = 8 };

typedef __m256 vector_float;
typedef __m256i vector_int;

VECTOR_INLINE vector_float vector_broadcast(float v) { return _mm256_set1_ps(v); }
VECTOR_INLINE vector_float vector_load(const float *x) { return _mm256_loadu_ps(x); }
VECTOR_INLINE vector_float vector_add(vector_float a, vector_float b) { return _mm256_add_ps(a, b); }
VECTOR_INLINE vector_float vector_sub(vector_float a, vector_float b) { return _mm256_sub_ps(a, b); }
VECTOR_INLINE vector_float vector_mul(vector_float a, vector_float b) { return _mm256_mul_ps(a, b); }
VECTOR_INLINE vector_float vector_div(vector_float a, vector_float b) { return _mm256_div_ps(a, b); }
VECTOR_INLINE vector_float vector_min(vector_float a, vector_float b) { return _mm256_min_ps(a, b); }
VECTOR_INLINE vector_float vector_max(vector_float a, vector_float b) { return _mm256_max_ps(a, b); }
VECTOR_INLINE vector_float vector_abs(vector_float v) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), v); }
VECTOR_INLINE vector_float vector_to_float(vector_int v) { return _mm256_cvtepi32_ps(v); }
/// Half to even.
VECTOR_INLINE vector_int vector_round(vector_float v) { return _mm256_cvtps_epi32(v); }

VECTOR_INLINE vector_int vector_broadcast_int(int32_t v) { return _mm256_set1_epi32(v); }
VECTOR_INLINE vector_int vector_load_int(const int32_t *x) { return _mm256_loadu_si256((const __m256i *)x); }
VECTOR_INLINE void vector_store_int(int32_t *y, vector_int v) { _mm256_storeu_si256((__m256i *)y, v); }
VECTOR_INLINE vector_int vector_add_int(vector_int a, vector_int b) { return _mm256_add_epi32(a, b); }
VECTOR_INLINE vector_int vector_sub_int(vector_int a, vector_int b) { return _mm256_sub_epi32(a, b); }
VECTOR_INLINE vector_int vector_mul_int(vector_int a, vector_int b) { return _mm256_mullo_epi32(a, b); }
VECTOR_INLINE vector_int vector_and_int(vector_int a, vector_int b) { return _mm256_and_si256(a, b); }
VECTOR_INLINE vector_int vector_shift_right(vector_int a, int bits) { return _mm256_srli_epi32(a, bits); }
VECTOR_INLINE vector_int vector_max_int(vector_int a, vector_int b) { return _mm256_max_epi32(a, b); }

/// sum + the products of the two 16-bit halves of each lane.
VECTOR_INLINE vector_int vector_add_pairs(vector_int sum, vector_int a, vector_int b) {
  return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
}

/// v · 2^n
VECTOR_INLINE vector_float vector_scale_exponent(vector_float v, vector_int n) {
  return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(v), _mm256_slli_epi32(n, 23)));
}

/// The first `count` lanes, zero in the others.
VECTOR_INLINE vector_int vector_first(vector_int v, size_t count) {
  const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  int32_t kept = (int32_t)(count < vector_lanes ? count : vector_lanes);
  return _mm256_and_si256(v, _mm256_cmpgt_epi32(_mm256_set1_epi32(kept), lanes));
}

VECTOR_INLINE int32_t vector_sum(vector_int v) {
  __m128i half = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4E));
  return _mm_cvtsi128_si32(_mm_add_epi32(half, _mm_shuffle_epi32(half, 0xB1)));
}

VECTOR_INLINE int32_t vector_largest(vector_int v) {
  __m128i half = _mm_max_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  half = _mm_max_epi32(half, _mm_shuffle_epi32(half, 0x4E));
  return _mm_cvtsi128_si32(_mm_max_epi32(half, _mm_shuffle_epi32(half, 0xB1)));
}

VECTOR_INLINE vector_float vector_from_int16(const int16_t *x) {
  return _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)x)));
}

VECTOR_INLINE vector_float vector_from_int8(const int8_t *x) {
  return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)x)));
}

VECTOR_INLINE vector_int vector_int_from_int16(const int16_t *x) { return _mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)x)); }
VECTOR_INLINE vector_int vector_int_from_int8(const int8_t *x) { return _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)x)); }
VECTOR_INLINE vector_int vector_int_from_uint8(const uint8_t *x) { return _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)x)); }

/// Integers in ±2^30, each clamped to 0...255, in order: those of low, then those of high.
VECTOR_INLINE void vector_store_uint8(uint8_t *y, vector_int low, vector_int high) {
  __m256i pairs = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xD8);
  _mm_storeu_si128((__m128i *)y, _mm_packus_epi16(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1)));
}

/// Integers that fit 16 bits, in order: those of low, then those of high.
VECTOR_INLINE void vector_store_int16(int16_t *y, vector_int low, vector_int high) {
  _mm256_storeu_si256((__m256i *)y, _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xD8));
}

#endif
