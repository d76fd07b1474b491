// The product of 16-bit pairs, as in qu8_gemm_2x32_avx2.c, over the runs of windows. Weights are widened as they are read, for four windows
// at a time.
#if defined(__x86_64__)
#include "vectors_avx2.h"

#include "forms.h"
#include "vector_convolution.h"

enum {
  tile_rows = 4,
  tile_columns = KERNELS_BLOCK_COLUMNS,
  vectors = tile_columns / vector_lanes,
  group_bytes = KERNELS_BLOCK_COLUMNS * KERNELS_BLOCK_DEPTH,
};

VECTOR_INLINE __m256i broadcast(const uint8_t *codes) {
  int32_t group;
  memcpy(&group, codes, sizeof group);
  return _mm256_set1_epi32(group);
}

/// sums [rows][vectors] of one block of outputs, for a constant number of rows.
VECTOR_INLINE void multiply_tile(const kernels_convolution_arguments *a, const uint8_t *const x[tile_rows], const size_t rows,
                                 const int8_t *weights, __m256i sums[tile_rows][vectors]) {
  const __m256i low = _mm256_set1_epi16(0xFF);
  for (size_t r = 0; r < rows; r++) {
    for (size_t v = 0; v < vectors; v++) sums[r][v] = _mm256_setzero_si256();
  }
  for (size_t part = 0; part < a->parts; part++) {
    for (size_t k = 0; k < a->length; k += KERNELS_BLOCK_DEPTH, weights += group_bytes) {
      for (size_t v = 0; v < vectors; v++) {
        __m256i raw = _mm256_loadu_si256((const __m256i *)weights + v);
        __m256i even = _mm256_srai_epi16(_mm256_slli_epi16(raw, 8), 8), odd = _mm256_srai_epi16(raw, 8);
        for (size_t r = 0; r < rows; r++) {
          __m256i group = broadcast(x[r] + part * a->part_stride + k);
          sums[r][v] = _mm256_add_epi32(sums[r][v], _mm256_madd_epi16(_mm256_and_si256(group, low), even));
          sums[r][v] = _mm256_add_epi32(sums[r][v], _mm256_madd_epi16(_mm256_srli_epi16(group, 8), odd));
        }
      }
    }
  }
}

VECTOR_INLINE void convolve_tile(const kernels_convolution_arguments *a, size_t window, const size_t rows, size_t column, size_t columns) {
  const int8_t *weights = a->weights + column * a->parts * kernels_round_up(a->length, KERNELS_BLOCK_DEPTH);
  const uint8_t *x[tile_rows];
  __m256i sums[tile_rows][vectors];
  for (size_t r = 0; r < rows; r++) x[r] = kernels_window(a, window + r);
  multiply_tile(a, x, rows, weights, sums);
  for (size_t r = 0; r < rows; r++) {
    int32_t stored[tile_columns];
    for (size_t v = 0; v < vectors; v++) vector_store_int(stored + v * vector_lanes, sums[r][v]);
    convolution_finish(a, stored, window + r, column, columns);
  }
}

VECTOR_TARGET void kernels_qu8_convolve_4x16_avx2(const kernels_convolution_arguments *a, size_t begin, size_t end, size_t column_begin,
                                                  size_t column_end) {
  for (size_t column = column_begin; column < column_end; column += tile_columns) {
    size_t columns = kernels_min(tile_columns, column_end - column), window = begin;
    for (; window + tile_rows <= end; window += tile_rows) convolve_tile(a, window, tile_rows, column, columns);
    for (; window < end; window++) convolve_tile(a, window, 1, column, columns);
  }
}

#endif
