// Steps that the AVX2 forms share, eight lanes at a time; each gives the bits of its scalar twin in common.h or polynomials.h.
#ifndef TRIBUTARY_CKERNELS_AVX2_H
#define TRIBUTARY_CKERNELS_AVX2_H

#include <immintrin.h>

#include "polynomials.h"

#define KERNELS_AVX2 __attribute__((target("avx2")))
#define KERNELS_AVX2_INLINE static inline __attribute__((target("avx2"), always_inline))

/// Lanes of 32 bits in a vector.
#define KERNELS_AVX2_LANES 8

KERNELS_AVX2_INLINE __m256 kernels_avx2_from_int16(const int16_t *x) {
  return _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)x)));
}

KERNELS_AVX2_INLINE __m256 kernels_avx2_from_int8(const int8_t *x) {
  return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)x)));
}

/// clamp(rne(v), ±limit)
KERNELS_AVX2_INLINE __m256i kernels_avx2_requantize(__m256 v, __m256 limit) {
  __m256 negative = _mm256_sub_ps(_mm256_setzero_ps(), limit);
  return _mm256_cvtps_epi32(_mm256_min_ps(_mm256_max_ps(v, negative), limit));
}

/// Eight integers that fit 16 bits, in order.
KERNELS_AVX2_INLINE void kernels_avx2_store_int16(int16_t *y, __m256i v) {
  __m256i packed = _mm256_permute4x64_epi64(_mm256_packs_epi32(v, v), 0x08);
  _mm_storeu_si128((__m128i *)y, _mm256_castsi256_si128(packed));
}

KERNELS_AVX2_INLINE int32_t kernels_avx2_sum_int32(__m256i v) {
  __m128i half = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4E));
  return _mm_cvtsi128_si32(_mm_add_epi32(half, _mm_shuffle_epi32(half, 0xB1)));
}

KERNELS_AVX2_INLINE int64_t kernels_avx2_sum_int64(__m256i v) {
  __m128i half = _mm_add_epi64(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  int64_t parts[2];
  _mm_storeu_si128((__m128i *)parts, half);
  return parts[0] + parts[1];
}

#define KERNELS_AVX2_HORNER(p, v, coefficient) _mm256_add_ps(_mm256_mul_ps(p, v), _mm256_set1_ps(coefficient))

KERNELS_AVX2_INLINE __m256 kernels_avx2_gelu(__m256 x) {
  __m256 magnitude = _mm256_andnot_ps(_mm256_set1_ps(-0.0f), x);
  __m256 z = _mm256_min_ps(magnitude, _mm256_set1_ps(KERNELS_GELU_BOUND));
  __m256 w = _mm256_sub_ps(_mm256_set1_ps(KERNELS_GELU_BOUND), z);
  __m256 p = _mm256_set1_ps(KERNELS_GELU_8);
  p = KERNELS_AVX2_HORNER(p, w, KERNELS_GELU_7);
  p = KERNELS_AVX2_HORNER(p, w, KERNELS_GELU_6);
  p = KERNELS_AVX2_HORNER(p, w, KERNELS_GELU_5);
  p = KERNELS_AVX2_HORNER(p, w, KERNELS_GELU_4);
  p = KERNELS_AVX2_HORNER(p, w, KERNELS_GELU_3);
  p = KERNELS_AVX2_HORNER(p, w, KERNELS_GELU_2);
  p = KERNELS_AVX2_HORNER(p, w, KERNELS_GELU_1);
  p = KERNELS_AVX2_HORNER(p, w, KERNELS_GELU_0);
  __m256 correction = _mm256_mul_ps(_mm256_mul_ps(_mm256_mul_ps(w, w), z), p);
  return _mm256_sub_ps(_mm256_max_ps(x, _mm256_setzero_ps()), correction);
}

/// t in −30...0.
KERNELS_AVX2_INLINE __m256 kernels_avx2_exp2(__m256 t) {
  __m256i whole = _mm256_cvtps_epi32(t);
  __m256 f = _mm256_sub_ps(t, _mm256_cvtepi32_ps(whole));
  __m256 p = _mm256_set1_ps(KERNELS_EXP2_5);
  p = KERNELS_AVX2_HORNER(p, f, KERNELS_EXP2_4);
  p = KERNELS_AVX2_HORNER(p, f, KERNELS_EXP2_3);
  p = KERNELS_AVX2_HORNER(p, f, KERNELS_EXP2_2);
  p = KERNELS_AVX2_HORNER(p, f, KERNELS_EXP2_1);
  p = KERNELS_AVX2_HORNER(p, f, KERNELS_EXP2_0);
  return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(p), _mm256_slli_epi32(whole, 23)));
}

#endif
