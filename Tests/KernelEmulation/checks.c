// A check for each kernel: sizes up to twice the largest tile and beyond, values over their whole range.
#include <string.h>

#include "emulation.h"

/// Runs `call` for both tables with `y`, int16 results of that count, and compares these.
#define RUN(e, count, call)                                                       \
  do {                                                                            \
    const void *results[emulation_runs];                                          \
    for (size_t run = 0; run < emulation_runs; run++) {                           \
      const kernels_table *table = (e)->tables[run];                              \
      int16_t *y = place(e, (count) * sizeof *y);                                 \
      results[run] = y;                                                           \
      call;                                                                       \
    }                                                                             \
    compare(e, results, (count) * sizeof(int16_t));                               \
  } while (0)

static const float step = 0x1p-6f;

/// 1, or now and then a factor that makes products denormal.
static float random_factor(emulation *e) { return random_between(e, 0, 15) == 0 ? 0x1p-125f : 1.0f; }

static void check_add(emulation *e) {
  size_t count = random_size(e, 300);
  int16_t *a = place_int16(e, count, -32767, 32767), *b = place_int16(e, count, -32767, 32767);
  float a_multiplier = random_float(e, 0, 2), b_multiplier = random_float(e, 0, 2);
  int32_t limit = random_between(e, 1, 32767);
  RUN(e, count, table->add(a, a_multiplier, b, b_multiplier, y, count, limit));
}

static void check_gelu(emulation *e) {
  size_t count = random_size(e, 300);
  int16_t *x = place_int16(e, count, -32767, 32767);
  float multiplier = random_float(e, 0, 1) * step * random_factor(e), rescale = random_float(e, 1, 3000);
  int32_t limit = random_between(e, 1, 32767);
  RUN(e, count, table->gelu(x, y, count, multiplier, rescale, limit));
}

static void check_layer_norm(emulation *e) {
  size_t m = random_size(e, 5), width = random_size(e, 300), stride = width + random_size(e, 4) - 1, count = (m - 1) * stride + width;
  int32_t bound = random_between(e, 0, 32767), middle = random_between(e, bound - 32767, 32767 - bound);
  int16_t *x = place_int16(e, count, middle - bound, middle + bound);
  float *gain = place_floats(e, width, -9000, 9000), *shift = place_floats(e, width, -9000, 9000);
  double epsilon = (double)random_float(e, 1, 1000);
  int32_t limit = random_between(e, 1, 32767);
  RUN(e, count, table->layer_norm(x, stride, m, width, epsilon, gain, shift, y, stride, limit));
}

static void check_mean_pool(emulation *e) {
  size_t m = random_size(e, 40), width = random_size(e, 300), stride = width + random_size(e, 4) - 1;
  int16_t *x = place_int16(e, (m - 1) * stride + width, -32767, 32767);
  float rescale = random_float(e, 0, 3);
  int32_t limit = random_between(e, 1, 32767);
  RUN(e, width, table->mean_pool(x, stride, m, width, rescale, y, limit));
}

static void check_embedding(emulation *e) {
  enum { tokens = 9 };
  size_t rows = random_size(e, 6), width = random_size(e, 200);
  int32_t *ids = place(e, rows * sizeof *ids);
  for (size_t i = 0; i < rows; i++) ids[i] = random_between(e, 0, tokens - 1);
  kernels_embedding_arguments arguments = {
      .ids = ids,
      .tokens = place_int8(e, tokens * width, -127, 127),
      .token_scale = place_floats(e, tokens, 0, 1),
      .positions = place_int8(e, rows * width, -127, 127),
      .position_scale = place_floats(e, rows, 0, 1),
      .width = width,
      .inverse_scale = random_float(e, 1, 500),
      .limit = random_between(e, 1, 32767),
  };
  size_t begin = (size_t)random_between(e, 0, (int32_t)rows - 1);
  RUN(e, rows * width, (arguments.y = y, table->embedding(&arguments, begin, rows)));
}

static void check_quantize_rows(emulation *e) {
  size_t m = random_size(e, 5), width = random_size(e, 300), stride = width + random_size(e, 4) - 1;
  int32_t bound = random_between(e, 0, 32767), middle = random_between(e, bound - 32767, 32767 - bound);
  int16_t *x = place_int16(e, (m - 1) * stride + width, middle - bound, middle + bound);
  kernels_rows rows[emulation_runs];
  for (size_t run = 0; run < emulation_runs; run++) {
    rows[run] = place_rows(e, m, width, false);
    e->tables[run]->quantize_rows(x, stride, m, width, rows[run]);
  }
  compare(e, (const void *[]){rows[0].codes, rows[1].codes}, m * rows[0].stride);
  compare(e, (const void *[]){rows[0].range, rows[1].range}, m * sizeof(uint16_t));
  compare(e, (const void *[]){rows[0].zero, rows[1].zero}, m);
}

static void check_dequantize_rows(emulation *e) {
  size_t m = random_size(e, 5), width = random_size(e, 300), stride = width + random_size(e, 4) - 1;
  kernels_rows rows = place_rows(e, m, width, true);
  RUN(e, (m - 1) * stride + width, table->dequantize_rows(rows, m, width, y, stride));
}

/// Blocked weights of random values and their sums. Every few outputs have the largest weights only.
static void place_weights(emulation *e, kernels_gemm_arguments *g) {
  int8_t *weights = place(e, kernels_blocked_size(g->outputs, g->inputs));
  int32_t *sums = place(e, g->outputs * sizeof *sums);
  memset(weights, 0, kernels_blocked_size(g->outputs, g->inputs));
  for (size_t n = 0; n < g->outputs; n++) {
    bool extreme = random_between(e, 0, 7) == 0;
    sums[n] = 0;
    for (size_t k = 0; k < g->inputs; k++) {
      int32_t weight = extreme ? 127 - 254 * (int32_t)(n % 2) : random_between(e, -127, 127);
      weights[((n / 16 * ((g->inputs + 3) / 4) + k / 4) * 16 + n % 16) * 4 + k % 4] = (int8_t)weight;
      sums[n] += weight;
    }
  }
  g->weights = weights;
  g->sums = sums;
}

static void check_gemm(emulation *e) {
  size_t m = random_size(e, 27), inputs = random_size(e, random_between(e, 0, 9) == 0 ? 1200 : 80), outputs = random_size(e, 70);
  kernels_gemm_arguments g = {.inputs = inputs, .outputs = outputs, .y_stride = outputs + random_size(e, 4) - 1};
  g.rows = place_rows(e, m, inputs, true);
  place_weights(e, &g);
  g.multiplier = place_floats(e, outputs, 0, step / (float)inputs * random_factor(e));
  g.bias = place_floats(e, outputs, -4, 4 * random_factor(e));
  g.limit = random_between(e, 1, 32767);
  g.activation = random_between(e, 0, 1) ? KERNELS_GELU : KERNELS_IDENTITY;
  g.rescale = random_float(e, 1, 2000);
  size_t first = (size_t)random_between(e, 0, (int32_t)m - 1), column = (size_t)random_between(e, 0, (int32_t)(outputs - 1) / 16) * 16;
  if (random_between(e, 0, 1)) first = column = 0;
  RUN(e, (m - 1) * g.y_stride + outputs, (g.y = y, table->gemm(&g, first, m, column, outputs)));
}

static void check_attention(emulation *e) {
  size_t sequence = random_size(e, 70), width = 2 * random_size(e, random_between(e, 0, 9) == 0 ? 128 : 36), heads = random_size(e, 3);
  size_t count = sequence * width * heads, first = (size_t)random_between(e, 0, (int32_t)sequence - 1);
  kernels_attention_arguments a = {.stride = width * heads, .y_stride = width * heads, .sequence = sequence, .head_width = width};
  a.query = place_int16(e, count, -2047, 2047);
  a.key = place_int16(e, count, -2047, 2047);
  a.value = place_int16(e, count, -2047, 2047);
  a.score_scale = random_float(e, 0, 1) * (random_between(e, 0, 1) ? 0x1p-16f : 0x1p-22f);
  a.rescale = random_float(e, 1, 16);
  a.limit = random_between(e, 1, 32767);
  RUN(e, count, (a.y = y, table->attention(&a, heads - 1, first, sequence, place(e, table->attention_scratch(sequence, width)))));
}

static void check_l2_normalize(emulation *e) {
  size_t width = random_size(e, 300);
  int32_t bound = random_between(e, 0, 32767);
  int16_t *x = place_int16(e, width, -bound, bound);
  RUN(e, 2 * width, table->l2_normalize(x, width, (float *)(void *)y));
}

const emulation_kernel emulation_kernels[] = {
    {"add", check_add},
    {"gelu", check_gelu},
    {"layer_norm", check_layer_norm},
    {"mean_pool", check_mean_pool},
    {"embedding", check_embedding},
    {"quantize_rows", check_quantize_rows},
    {"dequantize_rows", check_dequantize_rows},
    {"gemm", check_gemm},
    {"attention", check_attention},
    {"l2_normalize", check_l2_normalize},
    {NULL, NULL},
};
