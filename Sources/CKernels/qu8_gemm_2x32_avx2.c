// Without a dot product of bytes, the fastest exact way is the product of 16-bit pairs. A panel of weights is widened once for many rows,
// into vectors of inputs (0, 2) and of inputs (1, 3) of each group of four; the codes of a row are widened as they are broadcast, by a
// mask and a shift. Partial sums of a chunk of rows wait in memory between parts of the depth. Takes 33 KiB of stack.
#if defined(__x86_64__)
#include "vectors_avx2.h"

#include "forms.h"
#include "vector_gemm.h"

enum {
  tile_rows = 2,
  block_vectors = KERNELS_BLOCK_COLUMNS / vector_lanes,
  panel_vectors = 2 * block_vectors,
  panel_columns = 2 * KERNELS_BLOCK_COLUMNS,
  chunk_rows = 64,
  chunk_groups = 96,
  group_bytes = KERNELS_BLOCK_COLUMNS * KERNELS_BLOCK_DEPTH,
};

typedef struct {
  __m256i even[panel_vectors], odd[panel_vectors];
} wide_group;

typedef struct {
  wide_group weights[chunk_groups];
  __m256i sums[chunk_rows][panel_vectors];
} panel;

/// Weights of `groups` groups of one block of columns → vectors `first`... of the panel.
VECTOR_INLINE void widen(panel *p, const int8_t *weights, size_t groups, size_t first) {
  for (size_t k = 0; k < groups; k++, weights += group_bytes) {
    for (size_t v = 0; v < block_vectors; v++) {
      __m256i raw = _mm256_loadu_si256((const __m256i *)weights + v);
      p->weights[k].even[first + v] = _mm256_srai_epi16(_mm256_slli_epi16(raw, 8), 8);
      p->weights[k].odd[first + v] = _mm256_srai_epi16(raw, 8);
    }
  }
}

VECTOR_INLINE __m256i broadcast(const uint8_t *codes) {
  int32_t group;
  memcpy(&group, codes, sizeof group);
  return _mm256_set1_epi32(group);
}

/// sums [rows][vectors] += codes · weights, for constant rows and vectors.
VECTOR_INLINE void multiply(panel *p, size_t row, const uint8_t *codes, size_t stride, size_t groups, const size_t rows,
                                  const size_t vectors) {
  const __m256i low = _mm256_set1_epi16(0xFF);
  __m256i sums[tile_rows][panel_vectors];
  for (size_t r = 0; r < rows; r++) {
    for (size_t v = 0; v < vectors; v++) sums[r][v] = p->sums[row + r][v];
  }
  for (size_t k = 0; k < groups; k++, codes += KERNELS_BLOCK_DEPTH) {
    __m256i even[tile_rows], odd[tile_rows];
    for (size_t r = 0; r < rows; r++) {
      __m256i group = broadcast(codes + r * stride);
      even[r] = _mm256_and_si256(group, low);
      odd[r] = _mm256_srli_epi16(group, 8);
    }
    for (size_t v = 0; v < vectors; v++) {
      for (size_t r = 0; r < rows; r++) sums[r][v] = _mm256_add_epi32(sums[r][v], _mm256_madd_epi16(even[r], p->weights[k].even[v]));
    }
    for (size_t v = 0; v < vectors; v++) {
      for (size_t r = 0; r < rows; r++) sums[r][v] = _mm256_add_epi32(sums[r][v], _mm256_madd_epi16(odd[r], p->weights[k].odd[v]));
    }
  }
  for (size_t r = 0; r < rows; r++) {
    for (size_t v = 0; v < vectors; v++) p->sums[row + r][v] = sums[r][v];
  }
}

VECTOR_INLINE void multiply_rows(panel *p, const uint8_t *codes, size_t stride, size_t groups, size_t rows, const size_t vectors) {
  size_t r = 0;
  for (; r + tile_rows <= rows; r += tile_rows) multiply(p, r, codes + r * stride, stride, groups, tile_rows, vectors);
  if (r < rows) multiply(p, r, codes + r * stride, stride, groups, 1, vectors);
}

/// The sums of a chunk of rows by a panel of one or two blocks.
VECTOR_TARGET static void compute_sums(const kernels_gemm_arguments *g, panel *p, size_t row, size_t rows, size_t column, size_t blocks) {
  size_t depth = kernels_round_up(g->inputs, KERNELS_BLOCK_DEPTH);
  memset(p->sums, 0, rows * sizeof p->sums[0]);
  for (size_t k = 0; k < depth; k += chunk_groups * KERNELS_BLOCK_DEPTH) {
    size_t groups = kernels_min(chunk_groups, (depth - k) / KERNELS_BLOCK_DEPTH);
    const uint8_t *codes = g->rows.codes + row * g->rows.stride + k;
    for (size_t b = 0; b < blocks; b++) {
      widen(p, g->weights + (column + b * KERNELS_BLOCK_COLUMNS) * depth + k * KERNELS_BLOCK_COLUMNS, groups, b * block_vectors);
    }
    if (blocks == 2) {
      multiply_rows(p, codes, g->rows.stride, groups, rows, panel_vectors);
    } else {
      multiply_rows(p, codes, g->rows.stride, groups, rows, block_vectors);
    }
  }
}

VECTOR_TARGET void kernels_qu8_gemm_2x32_avx2(const kernels_gemm_arguments *g, size_t row_begin, size_t row_end, size_t column_begin,
                                             size_t column_end) {
  panel p;
  for (size_t column = column_begin; column < column_end; column += panel_columns) {
    size_t columns = kernels_min(panel_columns, column_end - column), within = kernels_min(columns, KERNELS_BLOCK_COLUMNS);
    const output_constants constants[] = {gemm_constants(g, column, within), gemm_constants(g, column + within, columns - within)};
    const size_t blocks = columns > within ? 2 : 1;
    for (size_t row = row_begin; row < row_end; row += chunk_rows) {
      size_t rows = kernels_min(chunk_rows, row_end - row);
      compute_sums(g, &p, row, rows, column, blocks);
      for (size_t b = 0; b < blocks; b++) {
        for (size_t r = 0; r < rows; r++) gemm_finish(g, &constants[b], (const int32_t *)(p.sums[r] + b * block_vectors), 0, row + r);
      }
    }
  }
}

#endif
