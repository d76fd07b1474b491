// The vocabulary of the vector forms for AVX-512 with VNNI: sixteen lanes of 32 bits. vectors_avx2.h says the same words for eight.
#ifndef TRIBUTARY_CKERNELS_VECTORS_H
#define TRIBUTARY_CKERNELS_VECTORS_H

#include <immintrin.h>

#include "common.h"

#define VECTOR_FEATURES target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")
#define VECTOR_TARGET __attribute__((VECTOR_FEATURES))
#define VECTOR_INLINE static inline __attribute__((VECTOR_FEATURES, always_inline, unused))

enum { vector_lanes = 16 };

typedef __m512 vector_float;
typedef __m512i vector_int;

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
/// Half to even.
VECTOR_INLINE vector_int vector_round(vector_float v) { return _mm512_cvtps_epi32(v); }

VECTOR_INLINE vector_int vector_broadcast_int(int32_t v) { return _mm512_set1_epi32(v); }
VECTOR_INLINE vector_int vector_load_int(const int32_t *x) { return _mm512_loadu_si512(x); }
VECTOR_INLINE void vector_store_int(int32_t *y, vector_int v) { _mm512_storeu_si512(y, v); }
VECTOR_INLINE vector_int vector_add_int(vector_int a, vector_int b) { return _mm512_add_epi32(a, b); }
VECTOR_INLINE vector_int vector_sub_int(vector_int a, vector_int b) { return _mm512_sub_epi32(a, b); }
VECTOR_INLINE vector_int vector_mul_int(vector_int a, vector_int b) { return _mm512_mullo_epi32(a, b); }
VECTOR_INLINE vector_int vector_and_int(vector_int a, vector_int b) { return _mm512_and_si512(a, b); }
VECTOR_INLINE vector_int vector_shift_right(vector_int a, int bits) { return _mm512_srli_epi32(a, (unsigned)bits); }
VECTOR_INLINE vector_int vector_max_int(vector_int a, vector_int b) { return _mm512_max_epi32(a, b); }

/// sum + the products of the two 16-bit halves of each lane.
VECTOR_INLINE vector_int vector_add_pairs(vector_int sum, vector_int a, vector_int b) { return _mm512_dpwssd_epi32(sum, a, b); }

/// sum + the products of the four unsigned bytes of each lane of a with the signed ones of b.
VECTOR_INLINE vector_int vector_add_quads(vector_int sum, vector_int a, vector_int b) { return _mm512_dpbusd_epi32(sum, a, b); }

/// v · 2^n
VECTOR_INLINE vector_float vector_scale_exponent(vector_float v, vector_int n) {
  return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(v), _mm512_slli_epi32(n, 23)));
}

/// The first `count` lanes, zero in the others.
VECTOR_INLINE vector_int vector_first(vector_int v, size_t count) {
  uint32_t kept = (uint32_t)(count < vector_lanes ? count : vector_lanes);
  return _mm512_maskz_mov_epi32((__mmask16)((1u << kept) - 1), v);
}

VECTOR_INLINE int32_t vector_sum(vector_int v) { return _mm512_reduce_add_epi32(v); }
VECTOR_INLINE int32_t vector_largest(vector_int v) { return _mm512_reduce_max_epi32(v); }

VECTOR_INLINE vector_float vector_from_int16(const int16_t *x) {
  return _mm512_cvtepi32_ps(_mm512_cvtepi16_epi32(_mm256_loadu_si256((const __m256i *)x)));
}

VECTOR_INLINE vector_float vector_from_int8(const int8_t *x) {
  return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)x)));
}

VECTOR_INLINE vector_int vector_int_from_int16(const int16_t *x) { return _mm512_cvtepi16_epi32(_mm256_loadu_si256((const __m256i *)x)); }
VECTOR_INLINE vector_int vector_int_from_int8(const int8_t *x) { return _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)x)); }
VECTOR_INLINE vector_int vector_int_from_uint8(const uint8_t *x) { return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)x)); }

/// Integers in ±2^30, each clamped to 0...255, in order: those of low, then those of high.
VECTOR_INLINE void vector_store_uint8(uint8_t *y, vector_int low, vector_int high) {
  const __m512i none = _mm512_setzero_si512();
  _mm_storeu_si128((__m128i *)y, _mm512_cvtusepi32_epi8(_mm512_max_epi32(low, none)));
  _mm_storeu_si128((__m128i *)(y + vector_lanes), _mm512_cvtusepi32_epi8(_mm512_max_epi32(high, none)));
}

/// Integers that fit 16 bits, in order: those of low, then those of high.
VECTOR_INLINE void vector_store_int16(int16_t *y, vector_int low, vector_int high) {
  _mm256_storeu_si256((__m256i *)y, _mm512_cvtepi32_epi16(low));
  _mm256_storeu_si256((__m256i *)(y + vector_lanes), _mm512_cvtepi32_epi16(high));
}

#endif
