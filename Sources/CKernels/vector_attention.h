// Attention in the words of vectors_*.h.
//
// Keys and values are packed once a call, in pairs along the summed dimension, so that scores and the weighted sum are the same product of
// 16-bit pairs. A few rows at a time go from scores to results, in scratch that stays in the cache.
#ifndef TRIBUTARY_CKERNELS_VECTOR_ATTENTION_H
#define TRIBUTARY_CKERNELS_VECTOR_ATTENTION_H

#include "forms.h"
#include "vector_polynomials.h"

enum { tile_rows = vector_tile_rows, tile_columns = pair_elements, alignment = 64 };

/// Sums of one row of a tile.
typedef struct {
  vector_pair_sums low, high;
} sum_pair;

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

size_t VECTOR_FORM(qs16_attention_scratch)(size_t sequence, size_t head_width) {
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

VECTOR_TARGET static void pack_keys(const kernels_attention_arguments *a, const int16_t *key, workspace w) {
  size_t pairs = a->head_width / 2;
  for (size_t j = 0; j < a->sequence; j++, key += a->stride) {
    for (size_t i = 0; i < pairs; i++) memcpy(w.keys + (i * w.sequence + j) * 2, key + 2 * i, 2 * sizeof(int16_t));
  }
  for (size_t i = 0; i < pairs; i++) {
    memset(w.keys + (i * w.sequence + a->sequence) * 2, 0, (w.sequence - a->sequence) * 2 * sizeof(int16_t));
  }
}

VECTOR_TARGET static void pack_values(const kernels_attention_arguments *a, const int16_t *value, workspace w) {
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
VECTOR_INLINE void multiply(const int16_t *const rows[tile_rows], const int16_t *packed, size_t stride, size_t pairs,
                            sum_pair sums[tile_rows]) {
  const vector_pair_sums none = vector_begin_pairs(vector_broadcast_int(0));
  for (size_t r = 0; r < tile_rows; r++) sums[r] = (sum_pair){none, none};
  for (size_t i = 0; i < pairs; i++, packed += 2 * stride) {
    vector_int low = vector_load_int((const int32_t *)packed), high = vector_load_int((const int32_t *)packed + vector_lanes);
    for (size_t r = 0; r < tile_rows; r++) {
      int32_t bits;
      memcpy(&bits, rows[r] + 2 * i, sizeof bits);
      vector_int pair = vector_broadcast_int(bits);
      sums[r].low = vector_add_pairs(sums[r].low, pair, low);
      sums[r].high = vector_add_pairs(sums[r].high, pair, high);
    }
  }
}

/// Scores of a tile of rows with every key; past the keys that a row sees stands the first key's score.
VECTOR_INLINE void score(const int16_t *const queries[tile_rows], size_t pairs, const size_t seen[tile_rows], workspace w) {
  for (size_t j = 0; j < w.sequence; j += tile_columns) {
    sum_pair sums[tile_rows];
    multiply(queries, w.keys + 2 * j, w.sequence, pairs, sums);
    for (size_t r = 0; r < tile_rows; r++) {
      vector_store_int(w.scores + r * w.sequence + j, vector_total_pairs(sums[r].low));
      vector_store_int(w.scores + r * w.sequence + j + vector_lanes, vector_total_pairs(sums[r].high));
    }
  }
  for (size_t r = 0; r < tile_rows; r++) {
    int32_t *row = w.scores + r * w.sequence;
    for (size_t j = seen[r]; j < w.sequence; j++) row[j] = row[0];
  }
}

VECTOR_INLINE int32_t largest_score(const int32_t *scores, size_t padded) {
  vector_int largest = vector_broadcast_int(INT32_MIN);
  for (size_t j = 0; j < padded; j += vector_lanes) largest = vector_max_int(largest, vector_load_int(scores + j));
  return vector_largest(largest);
}

VECTOR_INLINE vector_float exponent(const int32_t *scores, vector_int largest, vector_float scale) {
  vector_int difference = vector_sub_int(vector_load_int(scores), largest);
  return vector_max(vector_mul(vector_to_float(difference), scale), vector_broadcast(-30.0f));
}

/// Scores → r(j) in place, zero past the sequence; returns their sum, which fits for up to 65536 keys.
VECTOR_INLINE int32_t exponentials(int32_t *scores, size_t sequence, size_t padded, float score_scale) {
  const vector_int largest = vector_broadcast_int(largest_score(scores, padded));
  const vector_float scale = vector_broadcast(score_scale), unit = vector_broadcast(32767.0f);
  vector_int total = vector_broadcast_int(0);
  for (size_t j = 0; j < padded; j += pair_elements) {
    int32_t *place = scores + j;
    vector_pair t = {exponent(place, largest, scale), exponent(place + vector_lanes, largest, scale)};
    t = pair_scale(pair_exp2(t), unit);
    vector_int low = vector_first(vector_round(t.low), sequence > j ? sequence - j : 0);
    vector_int high = vector_first(vector_round(t.high), sequence > j + vector_lanes ? sequence - j - vector_lanes : 0);
    total = vector_add_int(total, vector_add_int(low, high));
    vector_store_int(place, low);
    vector_store_int(place + vector_lanes, high);
  }
  return vector_sum(total);
}

/// Scores of a row → weights, zero past the sequence; returns their sum.
VECTOR_INLINE int32_t soften(int32_t *scores, size_t sequence, size_t padded, float score_scale, int16_t *weights) {
  const vector_float factor = vector_broadcast(kernels_weight_factor(exponentials(scores, sequence, padded, score_scale)));
  vector_int sum = vector_broadcast_int(0);
  for (size_t j = 0; j < padded; j += pair_elements) {
    vector_int low = vector_round(vector_mul(vector_to_float(vector_load_int(scores + j)), factor));
    vector_int high = vector_round(vector_mul(vector_to_float(vector_load_int(scores + j + vector_lanes)), factor));
    sum = vector_add_int(sum, vector_add_int(low, high));
    vector_store_int16(weights + j, low, high);
  }
  return vector_sum(sum);
}

VECTOR_INLINE void store_row(const kernels_attention_arguments *a, sum_pair sums, float scale, int16_t *y, size_t columns) {
  vector_pair total = {vector_to_float(vector_total_pairs(sums.low)), vector_to_float(vector_total_pairs(sums.high))};
  vector_pair mean = pair_scale(total, vector_broadcast(scale));
  const vector_float limit = vector_broadcast((float)a->limit);
  if (columns >= tile_columns) return pair_requantize(y, mean, limit);
  int16_t results[tile_columns];
  pair_requantize(results, mean, limit);
  memcpy(y, results, columns * sizeof *y);
}

/// `rows` ≤ tile_rows rows of a head; those that lack repeat the last.
VECTOR_TARGET static void attend(const kernels_attention_arguments *a, size_t row, size_t rows, size_t column, workspace w) {
  const int16_t *queries[tile_rows], *weights[tile_rows];
  float scales[tile_rows];
  size_t seen[tile_rows];
  for (size_t r = 0; r < tile_rows; r++) {
    size_t own = row + kernels_min(r, rows - 1);
    queries[r] = a->query + own * a->stride + column;
    seen[r] = kernels_seen_keys(a, own);
  }
  score(queries, a->head_width / 2, seen, w);
  for (size_t r = 0; r < tile_rows; r++) {
    int16_t *place = w.weights + r * w.sequence;
    scales[r] = a->rescale / (float)soften(w.scores + r * w.sequence, seen[r], w.sequence, a->score_scale, place);
    weights[r] = place;
  }
  for (size_t i = 0; i < w.width; i += tile_columns) {
    sum_pair sums[tile_rows];
    multiply(weights, w.values + 2 * i, w.width, (a->sequence + 1) / 2, sums);
    for (size_t r = 0; r < rows; r++) {
      store_row(a, sums[r], scales[r], a->y + (row + r) * a->y_stride + column + i, a->head_width - i);
    }
  }
}

VECTOR_TARGET void VECTOR_FORM(qs16_attention)(const kernels_attention_arguments *a, size_t head, size_t row_begin, size_t row_end,
                                               void *scratch) {
  if (row_begin >= row_end) return;
  workspace w = lay_out(scratch, a->sequence, a->head_width);
  size_t column = head * a->head_width;
  pack_keys(a, a->key + column, w);
  pack_values(a, a->value + column, w);
  for (size_t row = row_begin; row < row_end; row += tile_rows) attend(a, row, kernels_min(tile_rows, row_end - row), column, w);
}

#endif
