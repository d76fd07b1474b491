#include "forms.h"
#include "polynomials.h"

size_t kernels_qs16_attention_scratch_portable(size_t sequence, size_t head_width) {
  (void)head_width;
  return sequence * sizeof(int32_t) + sizeof(int32_t);
}

/// The scores of a row with the keys that it sees; returns the largest.
static int32_t score(const kernels_attention_arguments *a, const int16_t *query, const int16_t *key, size_t seen, int32_t *scores) {
  int32_t largest = INT32_MIN;
  for (size_t j = 0; j < seen; j++, key += a->stride) {
    int32_t s = 0;
    for (size_t i = 0; i < a->head_width; i++) s += (int32_t)query[i] * key[i];
    scores[j] = s;
    largest = s > largest ? s : largest;
  }
  return largest;
}

/// Scores → weights in place; returns their sum.
static int32_t soften(int32_t *scores, size_t sequence, int32_t largest, float score_scale) {
  int64_t total = 0;
  for (size_t j = 0; j < sequence; j++) {
    float t = (float)(scores[j] - largest) * score_scale;
    scores[j] = kernels_rne(kernels_exp2_value(t > -30.0f ? t : -30.0f) * 32767.0f);
    total += scores[j];
  }
  float factor = kernels_weight_factor(total);
  int32_t sum = 0;
  for (size_t j = 0; j < sequence; j++) {
    scores[j] = kernels_rne((float)scores[j] * factor);
    sum += scores[j];
  }
  return sum;
}

static void mix(const kernels_attention_arguments *a, const int32_t *weights, size_t seen, int32_t sum, const int16_t *value,
                int16_t *y) {
  int32_t totals[KERNELS_HEAD_WIDTH] = {0};
  for (size_t j = 0; j < seen; j++, value += a->stride) {
    for (size_t i = 0; i < a->head_width; i++) totals[i] += weights[j] * value[i];
  }
  float scale = a->rescale / (float)sum;
  for (size_t i = 0; i < a->head_width; i++) y[i] = kernels_requantize((float)totals[i] * scale, (float)a->limit);
}

void kernels_qs16_attention_portable(const kernels_attention_arguments *a, size_t head, size_t row_begin, size_t row_end, void *scratch) {
  size_t column = head * a->head_width;
  int32_t *scores = (int32_t *)kernels_round_up((size_t)scratch, sizeof(int32_t));
  for (size_t row = row_begin; row < row_end; row++) {
    size_t seen = kernels_seen_keys(a, row);
    int32_t largest = score(a, a->query + row * a->stride + column, a->key + column, seen, scores);
    int32_t sum = soften(scores, seen, largest, a->score_scale);
    mix(a, scores, seen, sum, a->value + column, a->y + row * a->y_stride + column);
  }
}
