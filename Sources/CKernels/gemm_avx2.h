// The last step of a matrix product, a block of columns at a time.
#ifndef TRIBUTARY_CKERNELS_GEMM_AVX2_H
#define TRIBUTARY_CKERNELS_GEMM_AVX2_H

#include "avx2.h"
#include "gemm.h"

/// What a row's elements have in common.
typedef struct {
  __m256 step, limit, rescale;
  __m256i zero;
} kernels_avx2_row;

/// The value before activation of eight columns.
KERNELS_AVX2_INLINE __m256 kernels_avx2_gemm_value(const kernels_gemm_arguments *g, const int32_t *sum, const kernels_avx2_row *r,
                                                   size_t output) {
  __m256i correction = _mm256_mullo_epi32(r->zero, _mm256_loadu_si256((const __m256i *)(g->sums + output)));
  __m256i total = _mm256_sub_epi32(_mm256_loadu_si256((const __m256i *)sum), correction);
  __m256 v = _mm256_mul_ps(_mm256_mul_ps(_mm256_cvtepi32_ps(total), r->step), _mm256_loadu_ps(g->multiplier + output));
  return _mm256_add_ps(v, _mm256_loadu_ps(g->bias + output));
}

KERNELS_AVX2_INLINE void kernels_avx2_gemm_activate(const kernels_gemm_arguments *g, const kernels_avx2_row *r,
                                                    __m256 v[KERNELS_AVX2_PAIR]) {
  if (g->activation != KERNELS_GELU) return;
  kernels_avx2_gelu(v);
  for (size_t i = 0; i < KERNELS_AVX2_PAIR; i++) v[i] = _mm256_mul_ps(v[i], r->rescale);
}

/// sums [columns] = Σ code · weight of one row → y of that row.
KERNELS_AVX2_INLINE void kernels_avx2_gemm_finish(const kernels_gemm_arguments *g, const int32_t *sums, size_t row, size_t column,
                                                  size_t columns) {
  float step = kernels_row_step(g->rows, row);
  const kernels_avx2_row r = {.step = _mm256_set1_ps(step),
                              .limit = _mm256_set1_ps((float)g->limit),
                              .rescale = _mm256_set1_ps(g->rescale),
                              .zero = _mm256_set1_epi32(g->rows.zero[row])};
  int16_t *y = g->y + row * g->y_stride + column;
  size_t i = 0;
  for (; i + KERNELS_BLOCK_COLUMNS <= columns; i += KERNELS_BLOCK_COLUMNS) {
    __m256 v[KERNELS_AVX2_PAIR] = {
        kernels_avx2_gemm_value(g, sums + i, &r, column + i),
        kernels_avx2_gemm_value(g, sums + i + KERNELS_AVX2_LANES, &r, column + i + KERNELS_AVX2_LANES)};
    kernels_avx2_gemm_activate(g, &r, v);
    kernels_avx2_store_pair(y + i, kernels_avx2_requantize(v[0], r.limit), kernels_avx2_requantize(v[1], r.limit));
  }
  for (; i < columns; i++) y[i] = kernels_gemm_result(g, sums[i], step, row, column + i);
}

#endif
