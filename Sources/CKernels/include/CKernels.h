// The integer microkernels: pointers and sizes in, nothing else. No allocation, no input or output, no mutable globals.
//
// Every kernel has a portable form in plain C, and any other form gives the same bits. Hence the rules of all forms:
//  - float arithmetic is IEEE single precision in the order written here, without contraction to fused multiply-add;
//  - `rne` rounds half to even; clamping comes before rounding, which gives the same integers;
//  - integer sums are exact, so their order is free;
//  - inputs keep every intermediate value finite (the caller verifies scales when it opens a model).
//  - exp2 and gelu are the polynomials of polynomials.h: the coefficients and the order of operations stand there.
//      P(v) = odd(v · v) · v + even(v · v), both by Horner's rule
//      gelu(x) = max(x, 0) − ((w · w) · z) · P(w) with z = min(|x|, 4.75), w = 4.75 − z; within 1.4e-5 of x·Φ(x)
//      quick_gelu(x) = max(x, 0) − z · (e / (1 + e)) with z = |x|, e = exp2(max(−2.4554669f · z, −30))
//      exp2(t) = 2^n · P(t − n) with n = rne(t), for t in −30...0; relative error within 3e-7, exp2(0) = 1
// Sizes are in elements, strides in elements between rows. No alignment is required. Rows may be empty (m = 0).
#ifndef TRIBUTARY_CKERNELS_H
#define TRIBUTARY_CKERNELS_H

#include <stddef.h>
#include <stdint.h>

/// Columns of one block of blocked weights.
#define KERNELS_BLOCK_COLUMNS 16
/// Consecutive inputs (k) of one column that lie together in a block.
#define KERNELS_BLOCK_DEPTH 4
/// What the positive weights of one lane of a proved run may sum up to, and the negative ones without their sign: 255 · 128 < 2^15.
#define KERNELS_LANE_LIMIT 128

/// Bytes that [outputs, inputs] weights take when blocked: both sizes rounded up to whole blocks, filled with zeros.
/// Layout [outputs/16][inputs/4][16][4]: weight (n, k) lies at ((n/16 · ⌈inputs/4⌉ + k/4) · 16 + n%16) · 4 + k%4.
static inline size_t kernels_blocked_size(size_t outputs, size_t inputs) {
  return (outputs + 15) / 16 * 16 * ((inputs + 3) / 4 * 4);
}

/// Rows quantised to 8 bits, each with its own range: the real value of a code is (code − zero) · range/255 · (scale of the source).
typedef struct {
  uint8_t *codes;  // [rows][stride]; elements from the width up to the next multiple of 4 are zero
  size_t stride;   // a multiple of 4
  uint16_t *range; // [rows], at least 1
  uint8_t *zero;   // [rows]
} kernels_rows;

/// x [m][width] → rows. With lo = min(0, min x), hi = max(0, max x), range = max(1, hi − lo), inverse = 255.0f / (float)range:
/// zero = rne((float)(−lo) · inverse); code = clamp(rne((float)x · inverse) + zero, 0, 255). −32768 does not occur in x.
typedef void kernels_quantize_rows(const int16_t *x, size_t x_stride, size_t m, size_t width, kernels_rows rows);

/// rows → y [m][width]: y = clamp(rne((float)(code − zero) · ((float)range / 255.0f)), ±32767).
typedef void kernels_dequantize_rows(kernels_rows rows, size_t m, size_t width, int16_t *y, size_t y_stride);

/// What happens to a real value v before it is rounded: identity leaves it (v is in units of the result's scale); the others are
/// f(v) · rescale with f = gelu, quick_gelu, max(v, 0) or min(max(v, 0), 6), and rescale > 0.
typedef enum {
  KERNELS_IDENTITY = 0,
  KERNELS_GELU = 1,
  KERNELS_QUICK_GELU = 2,
  KERNELS_RELU = 3,
  KERNELS_RELU6 = 4
} kernels_activation;

/// The proved run of a block of 16 outputs is 0, 1, 2, 4 or 8. If n > 0, sums of n groups of 4 inputs, from each multiple of n on, fit
/// int16 whatever the codes: for each output and each lane of them (inputs 0 and 1 of every group, or 2 and 3) neither the positive weights
/// nor the negative ones exceed KERNELS_LANE_LIMIT. The caller has checked it. It holds for less than n groups, too.

/// A matrix product of quantised rows with blocked int8 weights.
typedef struct {
  kernels_rows rows;         // [m][inputs]
  const int8_t *weights;     // blocked, kernels_blocked_size(outputs, inputs) bytes
  const int32_t *sums;       // [outputs] the sum of each output's weights
  const float *multiplier;   // [outputs]
  const float *bias;         // [outputs]
  int16_t *y;                // [m][y_stride]
  size_t y_stride;
  size_t inputs, outputs;
  int32_t limit;             // 1...32767
  kernels_activation activation;
  float rescale;             // after an activation other than identity, else unused
  const uint8_t *proof;      // [⌈outputs/16⌉] proved runs of the blocks, or NULL for none
} kernels_gemm_arguments;

/// Rows row_begin ..< row_end and columns column_begin ..< column_end (column_begin a multiple of 16) of the product:
///   total = Σ code · weight − zero · sum(output)          int32, exact (|total| < 2^31 for inputs ≤ 65536)
///   v = ((float)total · ((float)range / 255.0f)) · multiplier(output) + bias(output)
///   y = clamp(rne(v after the activation), ±limit)
/// (float)total rounds to nearest even.
typedef void kernels_gemm(const kernels_gemm_arguments *arguments, size_t row_begin, size_t row_end, size_t column_begin,
                          size_t column_end);

/// A convolution of 8-bit codes with blocked int8 weights. A window is `parts` runs of `length` codes, whose values are
/// (code − zero) · scale; around an image lie codes of value zero where windows reach there.
typedef struct {
  const uint8_t *x;          // the first run of the first window; 3 bytes past the last run can be read
  size_t part_stride;        // between the runs of a window
  size_t column_stride;      // between windows beside each other
  size_t line_stride;        // between windows below each other
  size_t line_windows;       // windows in a line: window i is number i % line_windows of line i / line_windows
  size_t parts, length;
  int32_t zero;              // 0...255
  const int8_t *weights;     // blocked; an output's inputs are its runs, each with zeros to a multiple of 4
  const int32_t *sums;       // [outputs] the sum of each output's weights
  const float *multiplier;   // [outputs]
  const float *bias;         // [outputs]
  int16_t *y;                // the first window's outputs, or NULL
  uint8_t *y_codes;          // the same as 8-bit codes, where y is NULL
  size_t y_column_stride, y_line_stride;
  size_t outputs;
  kernels_activation activation;
  float rescale;             // after an activation other than identity, else unused
  int32_t limit;             // of y, 1...32767
  int32_t y_zero;            // of y_codes, 0...255
} kernels_convolution_arguments;

/// Windows begin ..< end and outputs column_begin ..< column_end (column_begin a multiple of 16):
///   total = Σ code · weight − zero · sum(output)          int32, exact (|total| < 2^31 for 65536 inputs)
///   v = (float)total · multiplier(output) + bias(output)
///   y = clamp(rne(v after the activation), ±limit), or y_codes = clamp(rne(clamp(the same, ±2^20)) + y_zero, 0, 255)
typedef void kernels_convolve(const kernels_convolution_arguments *arguments, size_t begin, size_t end, size_t column_begin,
                              size_t column_end);

/// A convolution in which each channel is its own group: weights are [parts][length][channels], x has the channels of a position beside
/// each other, `outputs` channels in all, and length counts the positions of a run. column_stride is one or more whole positions. `sums`
/// are those of each channel's weights.
typedef void kernels_depthwise(const kernels_convolution_arguments *arguments, size_t begin, size_t end);

/// y = clamp(rne(f((float)x · multiplier) · rescale), ±limit), count elements, f not identity.
typedef void kernels_activate(const int16_t *x, int16_t *y, size_t count, float multiplier, kernels_activation activation, float rescale,
                              int32_t limit);

/// y = clamp(rne(v after the activation), ±limit) with v = (float)a · a_multiplier + (float)b · b_multiplier, count elements.
/// y may be a or b.
typedef void kernels_add(const int16_t *a, float a_multiplier, const int16_t *b, float b_multiplier, int16_t *y, size_t count,
                         kernels_activation activation, float rescale, int32_t limit);

/// y = clamp(rne(clamp((float)x · multiplier, ±2^20)) + zero, 0, 255), count elements.
typedef void kernels_encode(const int16_t *x, uint8_t *y, size_t count, float multiplier, int32_t zero);

/// Rows begin ..< end of y [rows][width]: y row i = x row i · x_multiplier + row i of the table (row-major int8) · table_scale[i] ·
/// inverse_scale: with t = table_scale[i] · inverse_scale, y = clamp(rne((float)x · x_multiplier + (float)table · t), ±limit).
typedef struct {
  const int16_t *x;
  float x_multiplier;
  const int8_t *table;
  const float *table_scale;
  float inverse_scale;
  size_t width;
  int16_t *y;
  int32_t limit;
} kernels_positions_arguments;
typedef void kernels_positions(const kernels_positions_arguments *arguments, size_t begin, size_t end);

/// The largest of each channel over the windows of an image; positions beyond its edge do not count.
typedef struct {
  const int16_t *x;        // [lines][columns][channels]
  size_t channels;
  size_t lines, columns;   // of the image
  size_t height, width;    // of a window
  size_t stride_height, stride_width;
  size_t top, left;        // padding
  int16_t *y;              // [lines of windows][windows][channels]
  size_t windows;          // in a line
} kernels_max_pool_arguments;

/// Lines begin ..< end of windows; every window holds a position of the image.
typedef void kernels_max_pool(const kernels_max_pool_arguments *arguments, size_t begin, size_t end);

/// Norm of each of `width` channels over m ≤ 65536 rows, as in layer norm with n = m: a and b of the channel, then
///   v = ((float)x · a + b) · gain + shift;  y = clamp(rne(v after the activation), ±limit)
/// Gain and shift [width] are divided by y's scale where the activation is identity.
typedef struct {
  const int16_t *x;
  size_t x_stride;
  size_t m, width;
  double epsilon;
  const float *gain, *shift;
  kernels_activation activation;
  float rescale;
  int16_t *y;
  size_t y_stride;
  int32_t limit;
} kernels_channel_norm_arguments;
typedef void kernels_channel_norm(const kernels_channel_norm_arguments *arguments);

/// The expert of each of m rows: the first of the largest logits [m][experts], and its probability
///   1.0f / Σ exp2(max((float)(logit − largest) · score_scale, −30)), summed in order.
typedef void kernels_route(const int16_t *logits, size_t m, size_t experts, float score_scale, uint16_t *choice, float *probability);

/// Layer norm of each row of x [m][width], width ≤ 65536, x in ±32767. With S = Σx, Q = Σx² (exact, int64) and n = width:
///   mean = (double)S / n;  variance = (double)(n·Q − S²) / ((double)n · n);  (n·Q − S² is exact in int64)
///   r = 1.0 / sqrt(variance + epsilon) with epsilon in units of x²;  a = (float)r;  b = (float)(−mean · r)
///   y = clamp(rne(((float)x · a + b) · gain + shift), ±limit), gain and shift [width] already divided by y's scale.
typedef void kernels_layer_norm(const int16_t *x, size_t x_stride, size_t m, size_t width, double epsilon, const float *gain,
                                const float *shift, int16_t *y, size_t y_stride, int32_t limit);

/// Attention of rows over the keys of a sequence: query and y are [rows][stride], key and value [sequence][stride], a head's columns
/// head·head_width ..< (head+1)·head_width.
typedef struct {
  const int16_t *query, *key, *value; // |q| ≤ 2047
  size_t stride;
  int16_t *y;
  size_t y_stride;
  size_t sequence;    // keys, 1 to 65536
  size_t head_width;  // even, ≤ 256
  float score_scale;  // real score = integer score · score_scale / ln 2: powers of two are taken
  float rescale;      // y = weighted mean of value · rescale
  int32_t limit;
  size_t past;        // row i sees keys 0 ... past + i; KERNELS_SEE_ALL: all keys
} kernels_attention_arguments;

#define KERNELS_SEE_ALL ((size_t)1 << 30)

/// Bytes of scratch that attention needs a thread.
typedef size_t kernels_attention_scratch(size_t sequence, size_t head_width);

/// Rows row_begin ..< row_end of one head. For each row, over the keys j that it sees:
///   s(j) = Σ query · key (int32, exact);  t(j) = (float)(s(j) − max s) · score_scale, at least −30
///   r(j) = rne(exp2(t(j)) · 32767)  with exp2 as above;  R = Σ r(j) (exact)
///   f = min(1, 524288.0f / (float)R);  p(j) = rne((float)r(j) · f) where f < 1, else r(j);  P = Σ p(j) (int32)
///   y = clamp(rne((float)(Σ p(j) · value(j)) · (rescale / (float)P)), ±limit)    the sum int32, exact
typedef void kernels_attention(const kernels_attention_arguments *arguments, size_t head, size_t row_begin, size_t row_end,
                               void *scratch);

/// y row i = token row ids[i] + position row (i): with t = token_scale[ids[i]] · inverse_scale, p = position_scale[i] · inverse_scale,
/// y = clamp(rne((float)token · t + (float)position · p), ±limit). Tables are row-major int8; ids are within the table. Rows begin ..< end.
typedef struct {
  const int32_t *ids;
  const int8_t *tokens;
  const float *token_scale;
  const int8_t *positions;
  const float *position_scale;
  size_t width;
  float inverse_scale;
  int16_t *y;
  int32_t limit;
} kernels_embedding_arguments;
typedef void kernels_embedding(const kernels_embedding_arguments *arguments, size_t begin, size_t end);

/// The mean of m ≥ 1 rows: y = clamp(rne((float)Σx · (rescale / (float)m)), ±limit); m ≤ 65535, the sum int32.
typedef void kernels_mean_pool(const int16_t *x, size_t x_stride, size_t m, size_t width, float rescale, int16_t *y, int32_t limit);

/// y = (float)((double)x · (1.0 / sqrt((double)Σx²))); all zeros where the sum is 0.
typedef void kernels_l2_normalize(const int16_t *x, size_t width, float *y);

/// What must be known of a block of a matrix before products may trust it: groups ≥ 1 of [16 outputs][4 inputs]. Writes the sum of each
/// output's weights to sums [16]. Returns what the heaviest lane weighs, or −1 where a weight is −128. A lane is an output's inputs 0 and
/// 1, or 2 and 3, of the groups of a run; a run of `run` groups (1 to 64) starts at each multiple of it. A lane weighs the sum of its
/// positive weights or that of its negative ones without their sign, whichever is more.
typedef int32_t kernels_weigh_block(const int8_t *weights, size_t groups, size_t run, int32_t *sums);

/// (1 − e) / (1 + e) with e = exp2(max(−2.8853901f · |x|, −30)), with the sign of x: within 1e-6 of tanh.
float kernels_tanh(float x);

/// All kernels of one instruction set.
typedef struct {
  const char *name;
  kernels_quantize_rows *quantize_rows;
  kernels_dequantize_rows *dequantize_rows;
  kernels_gemm *gemm;
  kernels_convolve *convolve;
  kernels_depthwise *depthwise;
  kernels_activate *activate;
  kernels_add *add;
  kernels_encode *encode;
  kernels_positions *positions;
  kernels_max_pool *max_pool;
  kernels_channel_norm *channel_norm;
  kernels_route *route;
  kernels_layer_norm *layer_norm;
  kernels_attention_scratch *attention_scratch;
  kernels_attention *attention;
  kernels_embedding *embedding;
  kernels_mean_pool *mean_pool;
  kernels_l2_normalize *l2_normalize;
  kernels_weigh_block *weigh_block;
} kernels_table;

/// The table at that place of the list of those that this processor runs, the widest first and `portable` last; NULL past the end.
const kernels_table *kernels_available(size_t index);

#endif
