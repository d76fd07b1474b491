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

/// The same for 8-bit results.
#define RUN_CODES(e, count, call)                                                 \
  do {                                                                            \
    const void *results[emulation_runs];                                          \
    for (size_t run = 0; run < emulation_runs; run++) {                           \
      const kernels_table *table = (e)->tables[run];                              \
      uint8_t *y = place(e, count);                                               \
      results[run] = y;                                                           \
      call;                                                                       \
    }                                                                             \
    compare(e, results, count);                                                   \
  } while (0)

static const float step = 0x1p-6f;

/// 1, or now and then a factor that makes products denormal.
static float random_factor(emulation *e) { return random_between(e, 0, 15) == 0 ? 0x1p-125f : 1.0f; }

static kernels_activation random_activation(emulation *e) {
  return (kernels_activation)random_between(e, KERNELS_IDENTITY, KERNELS_RELU6);
}

static void check_add(emulation *e) {
  size_t count = random_size(e, 300);
  int16_t *a = place_int16(e, count, -32767, 32767), *b = place_int16(e, count, -32767, 32767);
  float a_multiplier = random_float(e, 0, 2), b_multiplier = random_float(e, 0, 2);
  int32_t limit = random_between(e, 1, 32767);
  kernels_activation activation = random_activation(e);
  float rescale = random_float(e, 1, 3000);
  if (activation != KERNELS_IDENTITY) a_multiplier *= step, b_multiplier *= step;
  RUN(e, count, table->add(a, a_multiplier, b, b_multiplier, y, count, activation, rescale, limit));
}

static void check_encode(emulation *e) {
  size_t count = random_size(e, 300);
  int16_t *x = place_int16(e, count, -32767, 32767);
  float multiplier = random_float(e, 0, 2) * step * random_factor(e);
  int32_t zero = random_between(e, 0, 255);
  RUN_CODES(e, count, table->encode(x, y, count, multiplier, zero));
}

static void check_positions(emulation *e) {
  size_t rows = random_size(e, 6), width = random_size(e, 200);
  kernels_positions_arguments p = {.width = width};
  p.x = place_int16(e, rows * width, -32767, 32767);
  p.table = place_int8(e, rows * width, -127, 127);
  p.table_scale = place_floats(e, rows, 0, 1);
  p.x_multiplier = random_float(e, 0, 1);
  p.inverse_scale = random_float(e, 1, 200);
  p.limit = random_between(e, 1, 32767);
  RUN(e, rows * width, (p.y = y, table->positions(&p, 0, rows)));
}

static void check_channel_norm(emulation *e) {
  size_t m = random_size(e, 40), width = random_size(e, 100), stride = width + random_size(e, 4) - 1, count = (m - 1) * stride + width;
  kernels_channel_norm_arguments a = {.x_stride = stride, .m = m, .width = width, .y_stride = stride};
  a.x = place_int16(e, count, -32767, 32767);
  a.gain = place_floats(e, width, -3, 3);
  a.shift = place_floats(e, width, -3, 3);
  a.epsilon = (double)random_float(e, 1, 1000);
  a.activation = random_activation(e);
  a.rescale = random_float(e, 1, 3000);
  a.limit = random_between(e, 1, 32767);
  RUN(e, count, (a.y = y, table->channel_norm(&a)));
}

static void check_max_pool(emulation *e) {
  kernels_max_pool_arguments p = {.channels = random_size(e, 40), .height = random_size(e, 3), .width = random_size(e, 3)};
  p.lines = p.height + random_size(e, 6);
  p.columns = p.width + random_size(e, 6);
  p.stride_height = random_size(e, 2);
  p.stride_width = random_size(e, 2);
  p.top = random_size(e, p.height) - 1;
  p.left = random_size(e, p.width) - 1;
  size_t lines = (p.lines + p.top - p.height) / p.stride_height + 1;
  p.windows = (p.columns + p.left - p.width) / p.stride_width + 1;
  p.x = place_int16(e, p.lines * p.columns * p.channels, -32767, 32767);
  RUN(e, lines * p.windows * p.channels, (p.y = y, table->max_pool(&p, 0, lines)));
}

static void check_route(emulation *e) {
  size_t m = random_size(e, 8), experts = random_size(e, 9);
  int16_t *logits = place_int16(e, m * experts, -32767, 32767);
  float scale = random_float(e, 0, 1) * 0x1p-10f;
  uint16_t choice[8];
  RUN(e, 2 * m, table->route(logits, m, experts, scale, choice, (float *)(void *)y));
}

/// Attributes of a convolution over an image whose lines have `room` bytes more than its windows need.
static kernels_convolution_arguments random_convolution(emulation *e, size_t parts, size_t length, size_t outputs, size_t channels) {
  kernels_convolution_arguments a = {.parts = parts, .length = length, .outputs = outputs, .zero = random_between(e, 0, 255)};
  a.column_stride = channels;
  a.line_windows = random_size(e, 15);
  a.multiplier = place_floats(e, outputs, 0, step / 64 * random_factor(e));
  a.bias = place_floats(e, outputs, -4, 4);
  a.activation = random_activation(e);
  a.rescale = random_float(e, 1, 2000);
  a.limit = random_between(e, 1, 32767);
  a.y_zero = random_between(e, 0, 255);
  a.y_column_stride = outputs;
  a.y_line_stride = a.line_windows * outputs;
  return a;
}

static void check_convolve(emulation *e) {
  size_t parts = random_size(e, 4), length = random_size(e, 40), outputs = random_size(e, 70), channels = random_size(e, length);
  size_t lines = random_size(e, 3), depth = (length + 3) / 4 * 4;
  kernels_convolution_arguments a = random_convolution(e, parts, length, outputs, channels);
  a.part_stride = a.line_stride = (a.line_windows - 1) * channels + length;
  int8_t *weights = place_int8(e, kernels_blocked_size(outputs, parts * depth), -127, 127);
  for (size_t i = 0; i < kernels_blocked_size(outputs, parts * depth); i++) {
    if (i / 64 % (parts * depth / 4) % (depth / 4) * 4 + i % 4 >= length) weights[i] = 0;
  }
  a.weights = weights;
  a.x = (uint8_t *)place_int8(e, (lines + parts - 1) * a.line_stride + 3, -128, 127);
  int32_t *sums = place(e, outputs * sizeof *sums);
  memset(sums, 0, outputs * sizeof *sums);
  for (size_t i = 0; i < kernels_blocked_size(outputs, parts * depth); i++) {
    size_t output = i / (16 * parts * depth) * 16 + i / 4 % 16;
    if (output < outputs) sums[output] += weights[i];
  }
  a.sums = sums;
  size_t windows = lines * a.line_windows, first = random_between(e, 0, 3) ? 0 : windows / 2;
  if (random_between(e, 0, 1)) {
    RUN(e, windows * outputs, (a.y = y, table->convolve(&a, first, windows, 0, outputs)));
  } else {
    RUN_CODES(e, windows * outputs, (a.y_codes = y, table->convolve(&a, first, windows, 0, outputs)));
  }
}

static void check_depthwise(emulation *e) {
  size_t parts = random_size(e, 6), length = random_size(e, 4), outputs = random_size(e, 90), lines = random_size(e, 3);
  size_t step = random_size(e, 4);
  if (random_between(e, 0, 1)) parts = length = 3;
  kernels_convolution_arguments a = random_convolution(e, parts, length, outputs, step * outputs);
  a.part_stride = a.line_stride = ((a.line_windows - 1) * step + length) * outputs;
  int8_t *weights = place_int8(e, parts * length * outputs, -127, 127);
  a.weights = weights;
  a.x = (uint8_t *)place_int8(e, (lines + parts - 1) * a.line_stride, -128, 127);
  int32_t *sums = place(e, outputs * sizeof *sums);
  memset(sums, 0, outputs * sizeof *sums);
  for (size_t i = 0; i < parts * length * outputs; i++) sums[i % outputs] += weights[i];
  a.sums = sums;
  size_t windows = lines * a.line_windows, first = random_between(e, 0, 3) ? 0 : windows / 2;
  if (random_between(e, 0, 1)) {
    RUN(e, windows * outputs, (a.y = y, table->depthwise(&a, first, windows)));
  } else {
    RUN_CODES(e, windows * outputs, (a.y_codes = y, table->depthwise(&a, first, windows)));
  }
}

static void check_activate(emulation *e) {
  size_t count = random_size(e, 300);
  int16_t *x = place_int16(e, count, -32767, 32767);
  float multiplier = random_float(e, 0, 1) * step * random_factor(e), rescale = random_float(e, 1, 3000);
  int32_t limit = random_between(e, 1, 32767);
  kernels_activation activation = (kernels_activation)random_between(e, KERNELS_GELU, KERNELS_RELU6);
  RUN(e, count, table->activate(x, y, count, multiplier, activation, rescale, limit));
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

/// Where weight (n, k) of a product lies.
static int8_t *weight_at(const kernels_gemm_arguments *g, int8_t *weights, size_t n, size_t k) {
  return weights + ((n / 16 * ((g->inputs + 3) / 4) + k / 4) * 16 + n % 16) * 4 + k % 4;
}

/// Blocked weights of random values. Every few outputs have the largest weights only.
static int8_t *place_weights(emulation *e, const kernels_gemm_arguments *g) {
  int8_t *weights = place(e, kernels_blocked_size(g->outputs, g->inputs));
  memset(weights, 0, kernels_blocked_size(g->outputs, g->inputs));
  for (size_t n = 0; n < g->outputs; n++) {
    bool extreme = random_between(e, 0, 7) == 0;
    for (size_t k = 0; k < g->inputs; k++) {
      *weight_at(g, weights, n, k) = (int8_t)(extreme ? 127 - 254 * (int32_t)(n % 2) : random_between(e, -127, 127));
    }
  }
  return weights;
}

/// Shortens what the lanes of a run of groups cannot hold of an output's weights.
static void prove(const kernels_gemm_arguments *g, int8_t *weights, size_t n, size_t run) {
  int32_t left[2][2];
  for (size_t k = 0; k < g->inputs; k++) {
    int8_t *weight = weight_at(g, weights, n, k);
    const int32_t size = *weight < 0 ? -*weight : *weight, sign = *weight < 0 ? -1 : 1;
    if (k % (4 * run) == 0) left[0][0] = left[0][1] = left[1][0] = left[1][1] = KERNELS_LANE_LIMIT;
    int32_t *room = &left[*weight < 0][k % 4 / 2], taken = size < *room ? size : *room;
    *room -= taken;
    *weight = (int8_t)(sign * taken);
  }
}

/// Blocks of a product with a proved run, or without one; their weights keep what it says.
static const uint8_t *place_proof(emulation *e, const kernels_gemm_arguments *g, int8_t *weights) {
  static const uint8_t runs[] = {0, 1, 2, 4, 8};
  uint8_t *proof = place(e, (g->outputs + 15) / 16);
  for (size_t n = 0; n < g->outputs; n++) {
    if (n % 16 == 0) proof[n / 16] = runs[random_between(e, 0, 4)];
    if (proof[n / 16] > 0) prove(g, weights, n, proof[n / 16]);
  }
  return proof;
}

static const int32_t *place_sums(emulation *e, const kernels_gemm_arguments *g, int8_t *weights) {
  int32_t *sums = place(e, g->outputs * sizeof *sums);
  for (size_t n = 0; n < g->outputs; n++) {
    sums[n] = 0;
    for (size_t k = 0; k < g->inputs; k++) sums[n] += *weight_at(g, weights, n, k);
  }
  return sums;
}

static void check_gemm_of(emulation *e, bool proved) {
  size_t m = random_size(e, 27), inputs = random_size(e, random_between(e, 0, 9) == 0 ? 1200 : 80), outputs = random_size(e, 70);
  kernels_gemm_arguments g = {.inputs = inputs, .outputs = outputs, .y_stride = outputs + random_size(e, 4) - 1};
  g.rows = place_rows(e, m, inputs, true);
  int8_t *weights = place_weights(e, &g);
  g.weights = weights;
  g.proof = proved ? place_proof(e, &g, weights) : NULL;
  g.sums = place_sums(e, &g, weights);
  g.multiplier = place_floats(e, outputs, 0, step / (float)inputs * random_factor(e));
  g.bias = place_floats(e, outputs, -4, 4 * random_factor(e));
  g.limit = random_between(e, 1, 32767);
  g.activation = random_activation(e);
  g.rescale = random_float(e, 1, 2000);
  size_t first = (size_t)random_between(e, 0, (int32_t)m - 1), column = (size_t)random_between(e, 0, (int32_t)(outputs - 1) / 16) * 16;
  if (random_between(e, 0, 1)) first = column = 0;
  RUN(e, (m - 1) * g.y_stride + outputs, (g.y = y, table->gemm(&g, first, m, column, outputs)));
}

static void check_gemm(emulation *e) { check_gemm_of(e, false); }
static void check_proved_gemm(emulation *e) { check_gemm_of(e, true); }

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
  a.past = random_between(e, 0, 1) ? KERNELS_SEE_ALL : random_size(e, 9) - 1;
  RUN(e, count, (a.y = y, table->attention(&a, heads - 1, first, sequence, place(e, table->attention_scratch(sequence, width)))));
}

static void check_l2_normalize(emulation *e) {
  size_t width = random_size(e, 300);
  int32_t bound = random_between(e, 0, 32767);
  int16_t *x = place_int16(e, width, -bound, bound);
  RUN(e, 2 * width, table->l2_normalize(x, width, (float *)(void *)y));
}

/// The weight, then the sums.
static void check_weigh_block(emulation *e) {
  size_t groups = random_size(e, 200), length = random_size(e, 64);
  int32_t bound = random_between(e, 0, 3) ? random_between(e, 0, 127) : 128;
  int8_t *weights = place_int8(e, groups * 64, -bound, bound < 128 ? bound : 127);
  RUN(e, 34, ((int32_t *)(void *)y)[0] = table->weigh_block(weights, groups, length, (int32_t *)(void *)y + 1));
}

const emulation_kernel emulation_kernels[] = {
    {"add", check_add},
    {"activate", check_activate},
    {"encode", check_encode},
    {"positions", check_positions},
    {"channel_norm", check_channel_norm},
    {"max_pool", check_max_pool},
    {"route", check_route},
    {"convolve", check_convolve},
    {"depthwise", check_depthwise},
    {"layer_norm", check_layer_norm},
    {"mean_pool", check_mean_pool},
    {"embedding", check_embedding},
    {"quantize_rows", check_quantize_rows},
    {"dequantize_rows", check_dequantize_rows},
    {"gemm", check_gemm},
    {"proved_gemm", check_proved_gemm},
    {"attention", check_attention},
    {"l2_normalize", check_l2_normalize},
    {"weigh_block", check_weigh_block},
    {NULL, NULL},
};
