// The product of bytes sums two inputs in 16 bits, and saturates. Where the proof tells that runs of groups stay within 16 bits, a run is
// summed there and widened once, with the weights as they lie; the other blocks go to the exact form.
#if defined(__x86_64__)
#include "vectors_avx2.h"

#include "forms.h"
#include "vector_gemm.h"

enum {
  tile_rows = 2,
  chunk_rows = 64,
  tile_vectors = KERNELS_BLOCK_COLUMNS / vector_lanes,
  group_bytes = KERNELS_BLOCK_COLUMNS * KERNELS_BLOCK_DEPTH,
};

/// sums [rows][vectors] += one run of groups, for constant rows and run.
VECTOR_INLINE void add_run(vector_int sums[tile_rows][tile_vectors], const uint8_t *codes, size_t stride, const int8_t *weights,
                           const size_t rows, const size_t run) {
  vector_int partial[tile_rows][tile_vectors];
  for (size_t k = 0; k < run; k++, codes += KERNELS_BLOCK_DEPTH, weights += group_bytes) {
    for (size_t r = 0; r < rows; r++) {
      int32_t group;
      memcpy(&group, codes + r * stride, sizeof group);
      for (size_t v = 0; v < tile_vectors; v++) {
        __m256i product = _mm256_maddubs_epi16(_mm256_set1_epi32(group), _mm256_loadu_si256((const __m256i *)weights + v));
        partial[r][v] = k == 0 ? product : _mm256_add_epi16(partial[r][v], product);
      }
    }
  }
  for (size_t r = 0; r < rows; r++) {
    for (size_t v = 0; v < tile_vectors; v++) sums[r][v] = vector_add_pairs(sums[r][v], partial[r][v], _mm256_set1_epi16(1));
  }
}

/// One block of columns, whose groups lie behind each other.
typedef struct {
  const int8_t *weights;
  size_t groups;
} block;

/// sums [rows][16] of a constant number of rows by a block, in runs of a constant length.
VECTOR_INLINE void multiply(block b, const uint8_t *codes, size_t stride, const size_t rows, const size_t run,
                            int32_t sums[][KERNELS_BLOCK_COLUMNS]) {
  vector_int totals[tile_rows][tile_vectors];
  size_t k = 0;
  for (size_t r = 0; r < rows; r++) {
    for (size_t v = 0; v < tile_vectors; v++) totals[r][v] = vector_broadcast_int(0);
  }
  for (; k + run <= b.groups; k += run) add_run(totals, codes + k * KERNELS_BLOCK_DEPTH, stride, b.weights + k * group_bytes, rows, run);
  for (; k < b.groups; k++) add_run(totals, codes + k * KERNELS_BLOCK_DEPTH, stride, b.weights + k * group_bytes, rows, 1);
  for (size_t r = 0; r < rows; r++) {
    for (size_t v = 0; v < tile_vectors; v++) vector_store_int(sums[r] + v * vector_lanes, totals[r][v]);
  }
}

VECTOR_INLINE void multiply_rows(block b, const uint8_t *codes, size_t stride, size_t rows, const size_t run,
                                 int32_t sums[][KERNELS_BLOCK_COLUMNS]) {
  size_t r = 0;
  for (; r + tile_rows <= rows; r += tile_rows) multiply(b, codes + r * stride, stride, tile_rows, run, sums + r);
  if (r < rows) multiply(b, codes + r * stride, stride, 1, run, sums + r);
}

/// For a proved run of at least 1.
VECTOR_TARGET static void compute_sums(block b, const uint8_t *codes, size_t stride, size_t rows, uint8_t run,
                                       int32_t sums[][KERNELS_BLOCK_COLUMNS]) {
  switch (run) {
    case 8: return multiply_rows(b, codes, stride, rows, 8, sums);
    case 4: return multiply_rows(b, codes, stride, rows, 4, sums);
    case 2: return multiply_rows(b, codes, stride, rows, 2, sums);
    default: return multiply_rows(b, codes, stride, rows, 1, sums);
  }
}

VECTOR_TARGET static void compute_block(const kernels_gemm_arguments *g, size_t row, size_t row_end, size_t column, size_t columns) {
  _Alignas(vector_int) int32_t sums[chunk_rows][KERNELS_BLOCK_COLUMNS];
  const output_constants constants = gemm_constants(g, column, columns);
  block b = {.groups = (g->inputs + KERNELS_BLOCK_DEPTH - 1) / KERNELS_BLOCK_DEPTH};
  b.weights = g->weights + column * b.groups * KERNELS_BLOCK_DEPTH;
  for (; row < row_end; row += chunk_rows) {
    size_t rows = kernels_min(chunk_rows, row_end - row);
    compute_sums(b, g->rows.codes + row * g->rows.stride, g->rows.stride, rows, g->proof[column / KERNELS_BLOCK_COLUMNS], sums);
    for (size_t r = 0; r < rows; r++) gemm_finish(g, &constants, sums[r], 0, row + r);
  }
}

/// The end of the blocks from `column` that have no proof.
static size_t unproved_end(const kernels_gemm_arguments *g, size_t column, size_t column_end) {
  if (g->proof == NULL) return column_end;
  while (column < column_end && g->proof[column / KERNELS_BLOCK_COLUMNS] == 0) column += KERNELS_BLOCK_COLUMNS;
  return kernels_min(column, column_end);
}

VECTOR_TARGET void kernels_qu8_gemm_2x16_avx2(const kernels_gemm_arguments *g, size_t row_begin, size_t row_end, size_t column_begin,
                                              size_t column_end) {
  for (size_t column = column_begin; column < column_end;) {
    size_t end = unproved_end(g, column, column_end);
    if (end > column) {
      kernels_qu8_gemm_2x32_avx2(g, row_begin, row_end, column, end);
    } else {
      end = kernels_min(column + KERNELS_BLOCK_COLUMNS, column_end);
      compute_block(g, row_begin, row_end, column, end - column);
    }
    column = end;
  }
}

#endif
