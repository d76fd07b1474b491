#if defined(__x86_64__)
#include "avx2.h"
#include "forms.h"

enum { tile_columns = 32, tile_vectors = tile_columns / KERNELS_AVX2_LANES };

KERNELS_AVX2_INLINE void pool_tile(const int16_t *x, size_t x_stride, size_t m, float rescale, int16_t *y, int32_t limit) {
  __m256i sums[tile_vectors] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256()};
  for (size_t row = 0; row < m; row++, x += x_stride) {
    for (size_t v = 0; v < tile_vectors; v++) {
      __m128i part = _mm_loadu_si128((const __m128i *)(x + v * KERNELS_AVX2_LANES));
      sums[v] = _mm256_add_epi32(sums[v], _mm256_cvtepi16_epi32(part));
    }
  }
  const __m256 scale = _mm256_set1_ps(rescale / (float)m), limits = _mm256_set1_ps((float)limit);
  for (size_t v = 0; v < tile_vectors; v++) {
    __m256i mean = kernels_avx2_requantize(_mm256_mul_ps(_mm256_cvtepi32_ps(sums[v]), scale), limits);
    kernels_avx2_store_int16(y + v * KERNELS_AVX2_LANES, mean);
  }
}

KERNELS_AVX2 void kernels_qs16_mean_pool_avx2(const int16_t *x, size_t x_stride, size_t m, size_t width, float rescale, int16_t *y,
                                              int32_t limit) {
  size_t i = 0;
  for (; i + tile_columns <= width; i += tile_columns) pool_tile(x + i, x_stride, m, rescale, y + i, limit);
  kernels_qs16_mean_pool_portable(x + i, x_stride, m, width - i, rescale, y + i, limit);
}

#endif
