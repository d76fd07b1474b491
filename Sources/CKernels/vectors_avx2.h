// The vocabulary of the vector forms for AVX2: eight lanes of 32 bits. vectors_avx512.h says the same words for sixteen. Whoever has dot
// products beside AVX2, as vectors_avxvnni.h does, says so by three macros first.
#ifndef TRIBUTARY_CKERNELS_VECTORS_H
#define TRIBUTARY_CKERNELS_VECTORS_H

#include <immintrin.h>

#include "common.h"

#ifndef VECTOR_FEATURES
#define VECTOR_FEATURES target("avx2")
#endif
#define VECTOR_TARGET __attribute__((VECTOR_FEATURES))
#define VECTOR_INLINE static inline __attribute__((VECTOR_FEATURES, always_inline, unused))

enum { vector_lanes = 8 };

typedef __m256 vector_float;
typedef __m256i vector_int;

VECTOR_INLINE vector_float vector_broadcast(float v) { return _mm256_set1_ps(v); }
VECTOR_INLINE vector_float vector_load(const float *x) { return _mm256_loadu_ps(x); }
VECTOR_INLINE vector_float vector_add(vector_float a, vector_float b) { return _mm256_add_ps(a, b); }
VECTOR_INLINE vector_float vector_sub(vector_float a, vector_float b) { return _mm256_sub_ps(a, b); }
VECTOR_INLINE vector_float vector_mul(vector_float a, vector_float b) { return _mm256_mul_ps(a, b); }
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
VECTOR_INLINE vector_int vector_max_int(vector_int a, vector_int b) { return _mm256_max_epi32(a, b); }

/// sum + the products of the two 16-bit halves of each lane.
VECTOR_INLINE vector_int vector_add_pairs(vector_int sum, vector_int a, vector_int b) {
#ifdef VECTOR_DOT_PAIRS
  return VECTOR_DOT_PAIRS(sum, a, b);
#else
  return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
#endif
}

#ifdef VECTOR_DOT_QUADS
/// sum + the products of the four unsigned bytes of each lane of a with the signed ones of b.
VECTOR_INLINE vector_int vector_add_quads(vector_int sum, vector_int a, vector_int b) { return VECTOR_DOT_QUADS(sum, a, b); }
#endif

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

/// Integers that fit 16 bits, in order: those of low, then those of high.
VECTOR_INLINE void vector_store_int16(int16_t *y, vector_int low, vector_int high) {
  _mm256_storeu_si256((__m256i *)y, _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xD8));
}

#endif
