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

/// Sixteen integers that fit 16 bits, in order.
KERNELS_AVX2_INLINE void kernels_avx2_store_pair(int16_t *y, __m256i low, __m256i high) {
  _mm256_storeu_si256((__m256i *)y, _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xD8));
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

/// Vectors whose polynomials are evaluated side by side.
#define KERNELS_AVX2_PAIR 2

/// p = p · v + coefficient for each vector of a pair. Interleaving two chains hides some of their latency.
KERNELS_AVX2_INLINE void kernels_avx2_horner(__m256 *p, const __m256 *v, float coefficient) {
  for (size_t i = 0; i < KERNELS_AVX2_PAIR; i++) p[i] = _mm256_add_ps(_mm256_mul_ps(p[i], v[i]), _mm256_set1_ps(coefficient));
}

/// gelu of a pair of vectors, in place.
KERNELS_AVX2_INLINE void kernels_avx2_gelu(__m256 x[KERNELS_AVX2_PAIR]) {
  __m256 z[KERNELS_AVX2_PAIR], w[KERNELS_AVX2_PAIR], square[KERNELS_AVX2_PAIR], even[KERNELS_AVX2_PAIR], odd[KERNELS_AVX2_PAIR];
  for (size_t i = 0; i < KERNELS_AVX2_PAIR; i++) {
    __m256 magnitude = _mm256_andnot_ps(_mm256_set1_ps(-0.0f), x[i]);
    z[i] = _mm256_min_ps(magnitude, _mm256_set1_ps(KERNELS_GELU_BOUND));
    w[i] = _mm256_sub_ps(_mm256_set1_ps(KERNELS_GELU_BOUND), z[i]);
    square[i] = _mm256_mul_ps(w[i], w[i]);
    even[i] = _mm256_set1_ps(KERNELS_GELU_8);
    odd[i] = _mm256_set1_ps(KERNELS_GELU_7);
  }
  kernels_avx2_horner(even, square, KERNELS_GELU_6);
  kernels_avx2_horner(odd, square, KERNELS_GELU_5);
  kernels_avx2_horner(even, square, KERNELS_GELU_4);
  kernels_avx2_horner(odd, square, KERNELS_GELU_3);
  kernels_avx2_horner(even, square, KERNELS_GELU_2);
  kernels_avx2_horner(odd, square, KERNELS_GELU_1);
  kernels_avx2_horner(even, square, KERNELS_GELU_0);
  for (size_t i = 0; i < KERNELS_AVX2_PAIR; i++) {
    __m256 p = _mm256_add_ps(_mm256_mul_ps(odd[i], w[i]), even[i]);
    __m256 correction = _mm256_mul_ps(_mm256_mul_ps(square[i], z[i]), p);
    x[i] = _mm256_sub_ps(_mm256_max_ps(x[i], _mm256_setzero_ps()), correction);
  }
}

/// exp2 of a pair of vectors in −30...0, in place.
KERNELS_AVX2_INLINE void kernels_avx2_exp2(__m256 t[KERNELS_AVX2_PAIR]) {
  __m256i whole[KERNELS_AVX2_PAIR];
  __m256 f[KERNELS_AVX2_PAIR], square[KERNELS_AVX2_PAIR], even[KERNELS_AVX2_PAIR], odd[KERNELS_AVX2_PAIR];
  for (size_t i = 0; i < KERNELS_AVX2_PAIR; i++) {
    whole[i] = _mm256_cvtps_epi32(t[i]);
    f[i] = _mm256_sub_ps(t[i], _mm256_cvtepi32_ps(whole[i]));
    square[i] = _mm256_mul_ps(f[i], f[i]);
    even[i] = _mm256_set1_ps(KERNELS_EXP2_4);
    odd[i] = _mm256_set1_ps(KERNELS_EXP2_5);
  }
  kernels_avx2_horner(even, square, KERNELS_EXP2_2);
  kernels_avx2_horner(odd, square, KERNELS_EXP2_3);
  kernels_avx2_horner(even, square, KERNELS_EXP2_0);
  kernels_avx2_horner(odd, square, KERNELS_EXP2_1);
  for (size_t i = 0; i < KERNELS_AVX2_PAIR; i++) {
    __m256 p = _mm256_add_ps(_mm256_mul_ps(odd[i], f[i]), even[i]);
    t[i] = _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(p), _mm256_slli_epi32(whole[i], 23)));
  }
}

#endif
