// The vocabulary of the vector forms for AVX2: eight lanes of 32 bits. The other vectors_*.h say the same words. Whoever has dot products
// beside AVX2, as vectors_avxvnni.h does, says so by four macros first.
#ifndef TRIBUTARY_CKERNELS_VECTORS_H
#define TRIBUTARY_CKERNELS_VECTORS_H

#include <immintrin.h>

#include "common.h"

#ifndef VECTOR_FEATURES
#define VECTOR_FEATURES target("avx2")
/// The name of this instruction set's form of a kernel.
#define VECTOR_FORM(kernel) kernels_##kernel##_avx2
#endif
/// The form that takes rows narrower than two vectors.
#define VECTOR_NARROW_FORM(kernel) kernels_##kernel##_portable
#define VECTOR_TARGET __attribute__((VECTOR_FEATURES))
#define VECTOR_INLINE static inline __attribute__((VECTOR_FEATURES, always_inline, unused))
/// What stays apart: it is large, and needed in several places.
#define VECTOR_APART static __attribute__((VECTOR_FEATURES, noinline))

/// Lanes of 32 bits, and the rows whose sums of two vectors of columns stay in registers.
enum { vector_lanes = 8, vector_tile_rows = 4 };

typedef __m256 vector_float;
typedef __m256i vector_int;
/// Twice as many lanes of 16 bits.
typedef __m256i vector_shorts;
/// Lanes of 64 bits.
typedef __m256i vector_long;
/// Sums of products of 16-bit pairs: begun, then added to, then read as one total a lane.
typedef __m256i vector_pair_sums;

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
/// |v| ≤ 2^22, half to even.
VECTOR_INLINE vector_int vector_round(vector_float v) { return _mm256_cvtps_epi32(v); }

VECTOR_INLINE vector_int vector_broadcast_int(int32_t v) { return _mm256_set1_epi32(v); }
VECTOR_INLINE vector_int vector_load_int(const int32_t *x) { return _mm256_loadu_si256((const __m256i *)x); }
VECTOR_INLINE void vector_store_int(int32_t *y, vector_int v) { _mm256_storeu_si256((__m256i *)y, v); }
VECTOR_INLINE vector_int vector_add_int(vector_int a, vector_int b) { return _mm256_add_epi32(a, b); }
VECTOR_INLINE vector_int vector_sub_int(vector_int a, vector_int b) { return _mm256_sub_epi32(a, b); }
VECTOR_INLINE vector_int vector_mul_int(vector_int a, vector_int b) { return _mm256_mullo_epi32(a, b); }
VECTOR_INLINE vector_int vector_and_int(vector_int a, vector_int b) { return _mm256_and_si256(a, b); }
VECTOR_INLINE vector_int vector_shift_right(vector_int a, int bits) { return _mm256_srli_epi32(a, bits); }
VECTOR_INLINE vector_int vector_or_int(vector_int a, vector_int b) { return _mm256_or_si256(a, b); }
VECTOR_INLINE vector_int vector_max_int(vector_int a, vector_int b) { return _mm256_max_epi32(a, b); }

/// The even bytes of each lane, as two signed numbers of 16 bits; and the odd ones.
VECTOR_INLINE vector_int vector_even_bytes(vector_int v) { return _mm256_srai_epi16(_mm256_slli_epi16(v, 8), 8); }
VECTOR_INLINE vector_int vector_odd_bytes(vector_int v) { return _mm256_srai_epi16(v, 8); }
/// The same, as unsigned numbers.
VECTOR_INLINE vector_int vector_even_codes(vector_int v) { return _mm256_and_si256(v, _mm256_set1_epi16(0xFF)); }
VECTOR_INLINE vector_int vector_odd_codes(vector_int v) { return _mm256_srli_epi16(v, 8); }

/// Signed bytes without their sign, as unsigned ones.
VECTOR_INLINE vector_int vector_abs_bytes(vector_int v) { return _mm256_abs_epi8(v); }
/// The sums of neighbouring signed bytes; and of unsigned ones of at most 128.
VECTOR_INLINE vector_shorts vector_byte_pairs(vector_int v) { return _mm256_maddubs_epi16(_mm256_set1_epi8(1), v); }
VECTOR_INLINE vector_shorts vector_code_pairs(vector_int v) { return _mm256_maddubs_epi16(v, _mm256_set1_epi8(1)); }

VECTOR_INLINE vector_pair_sums vector_begin_pairs(vector_int begin) { return begin; }
/// sum + the products of the two 16-bit halves of each lane.
VECTOR_INLINE vector_pair_sums vector_add_pairs(vector_pair_sums sum, vector_int a, vector_int b) {
#ifdef VECTOR_DOT_PAIRS
  return VECTOR_DOT_PAIRS(sum, a, b);
#else
  return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
#endif
}
VECTOR_INLINE vector_int vector_total_pairs(vector_pair_sums sum) { return sum; }

/// A pair of vectors of lanes of four bytes: a constant number of them (1 to 4) from as many places `stride` apart, then zeros. The lanes
/// have an order of their own.
VECTOR_INLINE void vector_load_quads(const void *x, size_t stride, const size_t count, vector_int *low, vector_int *high) {
  __m128i bytes[4];
  for (size_t i = 0; i < 4; i++) {
    bytes[i] = i < count ? _mm_loadu_si128((const __m128i *)((const uint8_t *)x + i * stride)) : _mm_setzero_si128();
  }
  __m128i first = _mm_unpacklo_epi8(bytes[0], bytes[1]), second = _mm_unpacklo_epi8(bytes[2], bytes[3]);
  *low = _mm256_set_m128i(_mm_unpackhi_epi16(first, second), _mm_unpacklo_epi16(first, second));
  first = _mm_unpackhi_epi8(bytes[0], bytes[1]);
  second = _mm_unpackhi_epi8(bytes[2], bytes[3]);
  *high = _mm256_set_m128i(_mm_unpackhi_epi16(first, second), _mm_unpacklo_epi16(first, second));
}
/// Puts a pair of vectors from that order into the one of memory: here they are the same.
VECTOR_INLINE void vector_order_quads(vector_int *low, vector_int *high) { (void)low, (void)high; }

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

VECTOR_INLINE vector_shorts vector_load_shorts(const int16_t *x) { return _mm256_loadu_si256((const __m256i *)x); }
VECTOR_INLINE vector_shorts vector_no_shorts(void) { return _mm256_setzero_si256(); }
VECTOR_INLINE vector_shorts vector_min_shorts(vector_shorts a, vector_shorts b) { return _mm256_min_epi16(a, b); }
VECTOR_INLINE vector_shorts vector_max_shorts(vector_shorts a, vector_shorts b) { return _mm256_max_epi16(a, b); }
VECTOR_INLINE vector_shorts vector_plus_shorts(vector_shorts a, vector_shorts b) { return _mm256_add_epi16(a, b); }
VECTOR_INLINE vector_shorts vector_negate_shorts(vector_shorts v) { return _mm256_sub_epi16(_mm256_setzero_si256(), v); }

VECTOR_INLINE int32_t vector_largest_short(vector_shorts v) {
  __m128i half = _mm_max_epi16(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  half = _mm_max_epi16(half, _mm_shuffle_epi32(half, 0x4E));
  half = _mm_max_epi16(half, _mm_shuffle_epi32(half, 0xB1));
  half = _mm_max_epi16(half, _mm_srli_epi32(half, 16));
  return (int16_t)_mm_cvtsi128_si32(half);
}

/// sum + the two 16-bit halves of each lane.
VECTOR_INLINE vector_int vector_add_shorts(vector_int sum, vector_shorts v) {
  return _mm256_add_epi32(sum, _mm256_madd_epi16(v, _mm256_set1_epi16(1)));
}

VECTOR_INLINE vector_long vector_no_squares(void) { return _mm256_setzero_si256(); }

/// Adds the squares of all lanes to those of 64 bits, in any order.
VECTOR_INLINE vector_long vector_add_squares(vector_long sum, vector_shorts v) {
  __m256i square = _mm256_madd_epi16(v, v), low_half = _mm256_set1_epi64x(0xFFFFFFFF);
  return _mm256_add_epi64(sum, _mm256_add_epi64(_mm256_and_si256(square, low_half), _mm256_srli_epi64(square, 32)));
}

VECTOR_INLINE int64_t vector_sum_long(vector_long v) {
  int64_t parts[4];
  _mm256_storeu_si256((__m256i *)parts, v);
  return parts[0] + parts[1] + parts[2] + parts[3];
}

VECTOR_INLINE vector_int vector_int_from_int16(const int16_t *x) { return _mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)x)); }
VECTOR_INLINE vector_int vector_int_from_int8(const int8_t *x) { return _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)x)); }
VECTOR_INLINE vector_int vector_int_from_uint8(const uint8_t *x) { return _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)x)); }
VECTOR_INLINE vector_float vector_from_int16(const int16_t *x) { return _mm256_cvtepi32_ps(vector_int_from_int16(x)); }

VECTOR_INLINE vector_float vector_from_int8(const int8_t *x) {
  return vector_to_float(vector_int_from_int8(x));
}

/// Integers that fit 16 bits, in order: those of low, then those of high.
VECTOR_INLINE void vector_store_int16(int16_t *y, vector_int low, vector_int high) {
  _mm256_storeu_si256((__m256i *)y, _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xD8));
}

/// The first `count` of them, which are fewer.
VECTOR_INLINE void vector_store_first_int16(int16_t *y, vector_int low, vector_int high, size_t count) {
  int16_t all[2 * vector_lanes];
  vector_store_int16(all, low, high);
  kernels_copy_pieces(y, all, count * sizeof *y);
}

/// Integers in ±2^30 clamped to 0...255, in order: those of low, then those of high.
VECTOR_INLINE void vector_store_uint8(uint8_t *y, vector_int low, vector_int high) {
  __m256i shorts = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xD8);
  __m128i packed = _mm_packus_epi16(_mm256_castsi256_si128(shorts), _mm256_extracti128_si256(shorts, 1));
  _mm_storeu_si128((__m128i *)y, packed);
}

VECTOR_INLINE void vector_store_first_uint8(uint8_t *y, vector_int low, vector_int high, size_t count) {
  uint8_t all[2 * vector_lanes];
  vector_store_uint8(all, low, high);
  kernels_copy_pieces(y, all, count);
}

#endif
