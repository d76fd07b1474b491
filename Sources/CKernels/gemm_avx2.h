// The last step of a matrix product, eight columns at a time.
#ifndef TRIBUTARY_CKERNELS_GEMM_AVX2_H
#define TRIBUTARY_CKERNELS_GEMM_AVX2_H

#include "avx2.h"
#include "gemm.h"

/// What a row's elements have in common.
typedef struct {
  __m256 step, limit, rescale;
  __m256i zero;
} kernels_avx2_row;

KERNELS_AVX2_INLINE void kernels_avx2_gemm_store(const kernels_gemm_arguments *g, __m256i sum, const kernels_avx2_row *r, size_t output,
                                                 int16_t *y) {
  __m256i sums = _mm256_loadu_si256((const __m256i *)(g->sums + output));
  __m256i total = _mm256_sub_epi32(sum, _mm256_mullo_epi32(r->zero, sums));
  __m256 v = _mm256_mul_ps(_mm256_mul_ps(_mm256_cvtepi32_ps(total), r->step), _mm256_loadu_ps(g->multiplier + output));
  v = _mm256_add_ps(v, _mm256_loadu_ps(g->bias + output));
  if (g->activation == KERNELS_GELU) v = _mm256_mul_ps(kernels_avx2_gelu(v), r->rescale);
  kernels_avx2_store_int16(y, kernels_avx2_requantize(v, r->limit));
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
  for (; i + KERNELS_AVX2_LANES <= columns; i += KERNELS_AVX2_LANES) {
    kernels_avx2_gemm_store(g, _mm256_loadu_si256((const __m256i *)(sums + i)), &r, column + i, y + i);
  }
  for (; i < columns; i++) y[i] = kernels_gemm_result(g, sums[i], step, row, column + i);
}

#endif
