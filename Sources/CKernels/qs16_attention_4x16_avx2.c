// Keys and values are packed once a call, in pairs along the summed dimension, so that scores and the weighted sum are the same product of
// 16-bit pairs. Four rows at a time go from scores to results, in scratch that stays in the cache.
#if defined(__x86_64__)
#include "avx2.h"
#include "forms.h"

enum { tile_rows = 4, tile_columns = 16, tile_vectors = tile_columns / KERNELS_AVX2_LANES, alignment = 64 };

/// Pairs of 16-bit values.
typedef struct {
  int16_t *keys;    // [head_width / 2][padded sequence][2]
  int16_t *values;  // [⌈sequence / 2⌉][padded head width][2]
  int32_t *scores;  // [tile_rows][padded sequence]
  int16_t *weights; // [tile_rows][padded sequence]
  size_t sequence, width;  // both padded to tile_columns
} workspace;

static size_t key_bytes(size_t sequence, size_t head_width) {
  return head_width * kernels_round_up(sequence, tile_columns) * sizeof(int16_t);
}

static size_t value_bytes(size_t sequence, size_t head_width) {
  return kernels_round_up(sequence, 2) * kernels_round_up(head_width, tile_columns) * sizeof(int16_t);
}

size_t kernels_qs16_attention_scratch_4x16_avx2(size_t sequence, size_t head_width) {
  size_t rows = tile_rows * kernels_round_up(sequence, tile_columns) * (sizeof(int32_t) + sizeof(int16_t));
  return key_bytes(sequence, head_width) + value_bytes(sequence, head_width) + rows + alignment;
}

static workspace lay_out(void *scratch, size_t sequence, size_t head_width) {
  char *base = (char *)kernels_round_up((size_t)scratch, alignment);
  workspace w = {.sequence = kernels_round_up(sequence, tile_columns), .width = kernels_round_up(head_width, tile_columns)};
  w.scores = (int32_t *)base;
  w.keys = (int16_t *)(base + tile_rows * w.sequence * sizeof(int32_t));
  w.weights = (int16_t *)((char *)w.keys + key_bytes(sequence, head_width));
  w.values = w.weights + tile_rows * w.sequence;
  return w;
}

KERNELS_AVX2 static void pack_keys(const kernels_attention_arguments *a, const int16_t *key, workspace w) {
  size_t pairs = a->head_width / 2;
  for (size_t j = 0; j < a->sequence; j++, key += a->stride) {
    for (size_t i = 0; i < pairs; i++) memcpy(w.keys + (i * w.sequence + j) * 2, key + 2 * i, 2 * sizeof(int16_t));
  }
  for (size_t i = 0; i < pairs; i++) {
    memset(w.keys + (i * w.sequence + a->sequence) * 2, 0, (w.sequence - a->sequence) * 2 * sizeof(int16_t));
  }
}

KERNELS_AVX2 static void pack_values(const kernels_attention_arguments *a, const int16_t *value, workspace w) {
  static const int16_t zeros[KERNELS_HEAD_WIDTH];
  for (size_t j = 0; j < a->sequence; j += 2) {
    const int16_t *first = value + j * a->stride, *second = j + 1 < a->sequence ? first + a->stride : zeros;
    int16_t *packed = w.values + j * w.width;
    for (size_t i = 0; i < a->head_width; i++) {
      packed[2 * i] = first[i];
      packed[2 * i + 1] = second[i];
    }
    memset(packed + 2 * a->head_width, 0, (w.width - a->head_width) * 2 * sizeof(int16_t));
  }
}

/// sums [tile_rows][tile_columns] = Σ over pairs of rows · packed [pairs][stride][2].
KERNELS_AVX2_INLINE void multiply(const int16_t *const rows[tile_rows], const int16_t *packed, size_t stride, size_t pairs,
                                  __m256i sums[tile_rows][tile_vectors]) {
  for (size_t r = 0; r < tile_rows; r++) sums[r][0] = sums[r][1] = _mm256_setzero_si256();
  for (size_t i = 0; i < pairs; i++, packed += 2 * stride) {
    __m256i low = _mm256_load_si256((const __m256i *)packed), high = _mm256_load_si256((const __m256i *)packed + 1);
    for (size_t r = 0; r < tile_rows; r++) {
      int32_t bits;
      memcpy(&bits, rows[r] + 2 * i, sizeof bits);
      __m256i pair = _mm256_set1_epi32(bits);
      sums[r][0] = _mm256_add_epi32(sums[r][0], _mm256_madd_epi16(pair, low));
      sums[r][1] = _mm256_add_epi32(sums[r][1], _mm256_madd_epi16(pair, high));
    }
  }
}

/// The lanes of the eight keys from `first` that exist.
KERNELS_AVX2_INLINE __m256i existing(size_t first, size_t sequence) {
  const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  size_t left = sequence > first ? kernels_min(sequence - first, KERNELS_AVX2_LANES) : 0;
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int32_t)left), lanes);
}

KERNELS_AVX2_INLINE int32_t largest_score(const int32_t *scores, size_t sequence) {
  __m256i largest = _mm256_set1_epi32(INT32_MIN);
  size_t j = 0;
  for (; j + KERNELS_AVX2_LANES <= sequence; j += KERNELS_AVX2_LANES) {
    largest = _mm256_max_epi32(largest, _mm256_load_si256((const __m256i *)(scores + j)));
  }
  __m256i last = _mm256_load_si256((const __m256i *)(scores + (j < sequence ? j : 0)));
  largest = _mm256_max_epi32(largest, _mm256_blendv_epi8(_mm256_set1_epi32(INT32_MIN), last, existing(j, sequence)));
  __m128i half = _mm_max_epi32(_mm256_castsi256_si128(largest), _mm256_extracti128_si256(largest, 1));
  half = _mm_max_epi32(half, _mm_shuffle_epi32(half, 0x4E));
  return _mm_cvtsi128_si32(_mm_max_epi32(half, _mm_shuffle_epi32(half, 0xB1)));
}

/// Scores → r(j) in place, zero past the sequence; returns their sum.
KERNELS_AVX2_INLINE int64_t exponentials(int32_t *scores, size_t sequence, size_t padded, float score_scale) {
  const __m256i largest = _mm256_set1_epi32(largest_score(scores, sequence));
  const __m256 scale = _mm256_set1_ps(score_scale), least = _mm256_set1_ps(-30.0f), unit = _mm256_set1_ps(32767.0f);
  const __m256i low_half = _mm256_set1_epi64x(0xFFFFFFFF);
  __m256i total = _mm256_setzero_si256();
  for (size_t j = 0; j < padded; j += KERNELS_AVX2_LANES) {
    __m256i *place = (__m256i *)(scores + j);
    __m256i difference = _mm256_and_si256(_mm256_sub_epi32(_mm256_load_si256(place), largest), existing(j, sequence));
    __m256 t = _mm256_max_ps(_mm256_mul_ps(_mm256_cvtepi32_ps(difference), scale), least);
    __m256i r = _mm256_cvtps_epi32(_mm256_mul_ps(kernels_avx2_exp2(t), unit));
    r = _mm256_and_si256(r, existing(j, sequence));
    total = _mm256_add_epi64(total, _mm256_add_epi64(_mm256_and_si256(r, low_half), _mm256_srli_epi64(r, 32)));
    _mm256_store_si256(place, r);
  }
  return kernels_avx2_sum_int64(total);
}

/// Scores of a row → weights, zero past the sequence; returns their sum.
KERNELS_AVX2_INLINE int32_t soften(int32_t *scores, size_t sequence, size_t padded, float score_scale, int16_t *weights) {
  const __m256 factor = _mm256_set1_ps(kernels_weight_factor(exponentials(scores, sequence, padded, score_scale)));
  __m256i sum = _mm256_setzero_si256();
  for (size_t j = 0; j < padded; j += KERNELS_AVX2_LANES) {
    __m256 r = _mm256_cvtepi32_ps(_mm256_load_si256((const __m256i *)(scores + j)));
    __m256i p = _mm256_cvtps_epi32(_mm256_mul_ps(r, factor));
    sum = _mm256_add_epi32(sum, p);
    kernels_avx2_store_int16(weights + j, p);
  }
  return kernels_avx2_sum_int32(sum);
}

KERNELS_AVX2_INLINE void score(const int16_t *const queries[tile_rows], size_t pairs, workspace w) {
  for (size_t j = 0; j < w.sequence; j += tile_columns) {
    __m256i sums[tile_rows][tile_vectors];
    multiply(queries, w.keys + 2 * j, w.sequence, pairs, sums);
    for (size_t r = 0; r < tile_rows; r++) {
      for (size_t v = 0; v < tile_vectors; v++) _mm256_store_si256((__m256i *)(w.scores + r * w.sequence + j) + v, sums[r][v]);
    }
  }
}

KERNELS_AVX2_INLINE void store_row(const kernels_attention_arguments *a, const __m256i sums[tile_vectors], float scale, int16_t *y,
                                   size_t columns) {
  int16_t results[tile_columns];
  for (size_t v = 0; v < tile_vectors; v++) {
    __m256 mean = _mm256_mul_ps(_mm256_cvtepi32_ps(sums[v]), _mm256_set1_ps(scale));
    kernels_avx2_store_int16(results + v * KERNELS_AVX2_LANES, kernels_avx2_requantize(mean, _mm256_set1_ps((float)a->limit)));
  }
  if (columns >= tile_columns) {
    memcpy(y, results, sizeof results);
  } else {
    memcpy(y, results, columns * sizeof *y);
  }
}

/// `rows` ≤ tile_rows rows of a head; those that lack repeat the last.
KERNELS_AVX2 static void attend(const kernels_attention_arguments *a, size_t row, size_t rows, size_t column, workspace w) {
  const int16_t *queries[tile_rows], *weights[tile_rows];
  float scales[tile_rows];
  for (size_t r = 0; r < tile_rows; r++) queries[r] = a->query + (row + kernels_min(r, rows - 1)) * a->stride + column;
  score(queries, a->head_width / 2, w);
  for (size_t r = 0; r < tile_rows; r++) {
    int16_t *place = w.weights + r * w.sequence;
    scales[r] = a->rescale / (float)soften(w.scores + r * w.sequence, a->sequence, w.sequence, a->score_scale, place);
    weights[r] = place;
  }
  for (size_t i = 0; i < w.width; i += tile_columns) {
    __m256i sums[tile_rows][tile_vectors];
    multiply(weights, w.values + 2 * i, w.width, (a->sequence + 1) / 2, sums);
    for (size_t r = 0; r < rows; r++) {
      store_row(a, sums[r], scales[r], a->y + (row + r) * a->y_stride + column + i, a->head_width - i);
    }
  }
}

KERNELS_AVX2 void kernels_qs16_attention_4x16_avx2(const kernels_attention_arguments *a, size_t head, size_t row_begin, size_t row_end,
                                                   void *scratch) {
  if (row_begin >= row_end) return;
  workspace w = lay_out(scratch, a->sequence, a->head_width);
  size_t column = head * a->head_width;
  pack_keys(a, a->key + column, w);
  pack_values(a, a->value + column, w);
  for (size_t row = row_begin; row < row_end; row += tile_rows) attend(a, row, kernels_min(tile_rows, row_end - row), column, w);
}

#endif
