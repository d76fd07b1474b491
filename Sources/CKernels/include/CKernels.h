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

typedef enum { KERNELS_IDENTITY = 0, KERNELS_GELU = 1 } kernels_activation;

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
///   identity: y = clamp(rne(v), ±limit);   gelu: y = clamp(rne(gelu(v) · rescale), ±limit)
/// (float)total rounds to nearest even.
typedef void kernels_gemm(const kernels_gemm_arguments *arguments, size_t row_begin, size_t row_end, size_t column_begin,
                          size_t column_end);

/// y = clamp(rne(gelu((float)x · multiplier) · rescale), ±limit), count elements.
typedef void kernels_gelu(const int16_t *x, int16_t *y, size_t count, float multiplier, float rescale, int32_t limit);

/// y = clamp(rne((float)a · a_multiplier + (float)b · b_multiplier), ±limit), count elements. y may be a or b.
typedef void kernels_add(const int16_t *a, float a_multiplier, const int16_t *b, float b_multiplier, int16_t *y, size_t count,
                         int32_t limit);

/// Layer norm of each row of x [m][width], width ≤ 65536, x in ±32767. With S = Σx, Q = Σx² (exact, int64) and n = width:
///   mean = (double)S / n;  variance = (double)(n·Q − S²) / ((double)n · n);  (n·Q − S² is exact in int64)
///   r = 1.0 / sqrt(variance + epsilon) with epsilon in units of x²;  a = (float)r;  b = (float)(−mean · r)
///   y = clamp(rne(((float)x · a + b) · gain + shift), ±limit), gain and shift [width] already divided by y's scale.
typedef void kernels_layer_norm(const int16_t *x, size_t x_stride, size_t m, size_t width, double epsilon, const float *gain,
                                const float *shift, int16_t *y, size_t y_stride, int32_t limit);

/// Attention of one sequence: query, key, value and y are [sequence][stride], a head's columns head·head_width ..< (head+1)·head_width.
typedef struct {
  const int16_t *query, *key, *value; // |q| ≤ 2047
  size_t stride;
  int16_t *y;
  size_t y_stride;
  size_t sequence;    // ≤ 65536
  size_t head_width;  // even, ≤ 256
  float score_scale;  // real score = integer score · score_scale / ln 2: powers of two are taken
  float rescale;      // y = weighted mean of value · rescale
  int32_t limit;
} kernels_attention_arguments;

/// Bytes of scratch that attention needs a thread.
typedef size_t kernels_attention_scratch(size_t sequence, size_t head_width);

/// Rows row_begin ..< row_end of one head. For each row, over keys j:
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

/// All kernels of one instruction set.
typedef struct {
  const char *name;
  kernels_quantize_rows *quantize_rows;
  kernels_dequantize_rows *dequantize_rows;
  kernels_gemm *gemm;
  kernels_gelu *gelu;
  kernels_add *add;
  kernels_layer_norm *layer_norm;
  kernels_attention_scratch *attention_scratch;
  kernels_attention *attention;
  kernels_embedding *embedding;
  kernels_mean_pool *mean_pool;
  kernels_l2_normalize *l2_normalize;
} kernels_table;

/// The table at that place of the list of those that this processor runs, the widest first and `portable` last; NULL past the end.
const kernels_table *kernels_available(size_t index);

#endif
