// Loops over float32 for training: what is not a matrix product. Pointers and sizes in, nothing else; no allocation, no threads.
//
// Every loop runs over what it is given alone, so callers share work by handing out parts. Rows lie one after the other. Where a function
// takes `keep`, its result replaces what was there if that is 0 and is added to it if it is 1. Sums are taken in several lanes: the same
// on every run on one machine, not the same on all machines.
#ifndef TRIBUTARY_CFLOATKERNELS_H
#define TRIBUTARY_CFLOATKERNELS_H

#include <stddef.h>
#include <stdint.h>

// ---------------------------------------------------------------- elementwise

/// out = a + b
void f32_add(float *out, const float *a, const float *b, size_t count);
/// out = keep · out + factor · x
void f32_scale(float *out, const float *x, float factor, float keep, size_t count);
/// Each row of out = row.
void f32_fill_rows(float *out, const float *row, size_t rows, size_t width);
/// sums[c] += the sum over the rows of x[r · stride + c].
void f32_add_column_sums(float *sums, const float *x, size_t rows, size_t stride, size_t width);
/// The sum of a · b, each product rounded, summed in double.
double f32_dot(const float *a, const float *b, size_t count);

/// x · Φ(x), relative error of Φ below 5e-7.
void f32_gelu(float *out, const float *x, size_t count);
void f32_gelu_gradient(float *dx, const float *dy, const float *x, float keep, size_t count);
/// x · σ(1.702 x)
void f32_quick_gelu(float *out, const float *x, size_t count);
void f32_quick_gelu_gradient(float *dx, const float *dy, const float *x, float keep, size_t count);
/// min(max(x, 0), limit)
void f32_clamp(float *out, const float *x, float limit, size_t count);
/// From the result y: the slope is 1 inside, 0 at the limits.
void f32_clamp_gradient(float *dx, const float *dy, const float *y, float limit, float keep, size_t count);
/// The numbers that 8-bit codes of x stand for, which stretch from min(0, min x) to max(0, max x) with one for zero; x itself
/// where that range is below 2^-100. What is not finite stays so.
void f32_codes(float *out, const float *x, size_t count);

// ---------------------------------------------------------------- rows

/// Each row to mean 0 and variance 1, then · gain + shift. `moments` takes each row's mean and 1 / √(variance + epsilon).
void f32_layer_norm(
  float *out, float *moments, const float *x, const float *gain, const float *shift, float epsilon, size_t rows, size_t width);
/// Where `dgain` and `dshift` are not NULL, adds what these rows give to them.
void f32_layer_norm_gradient(
  float *dx, float *dgain, float *dshift, const float *dy, const float *x, const float *moments, const float *gain, float keep,
  size_t rows, size_t width);
/// Softmax in place over the first `visible` of `width` elements of each row; the others become 0. With `growing` each row sees one more.
void f32_softmax(float *x, size_t rows, size_t width, size_t visible, int growing);
/// ds = p · (dp − Σ p · dp) for each row; ds may be dp.
void f32_softmax_gradient(float *ds, const float *p, const float *dp, size_t rows, size_t width);
/// The logarithm of the sum of exponentials.
float f32_log_sum_exp(const float *x, size_t count);
/// out = exp(x − offset)
void f32_exp(float *out, const float *x, float offset, size_t count);
/// sums[c] += the sum over the rows of x, or where `means` is not NULL of (x − mean)², in double.
void f32_add_column_moments(double *sums, const double *means, const float *x, size_t rows, size_t width);
/// out = x · factor + offset by column
void f32_affine_columns(float *out, const float *x, const float *factor, const float *offset, size_t rows, size_t width);
/// dx = keep · dx + a · dy + b · x + c by column
void f32_affine_columns_gradient(
  float *dx, const float *dy, const float *x, const float *a, const float *b, const float *c, float keep, size_t rows, size_t width);
/// first[c] += Σ dy, second[c] += Σ dy · x over the rows, in double.
void f32_add_column_products(double *first, double *second, const float *dy, const float *x, size_t rows, size_t width);

// ---------------------------------------------------------------- convolutions of each channel by itself

/// A window over one image [height, width, channels]; kernels are [taps, channels].
typedef struct {
  int32_t height, width, out_height, out_width;
  int32_t window_height, window_width, stride_height, stride_width, top, left;
  int32_t channels;
} f32_depthwise_shape;

/// `bias` may be NULL.
void f32_depthwise(float *out, const float *x, const float *kernel, const float *bias, const f32_depthwise_shape *shape);
/// Adds to dx.
void f32_depthwise_input_gradient(float *dx, const float *dy, const float *kernel, const f32_depthwise_shape *shape);
/// Adds to dkernel.
void f32_depthwise_kernel_gradient(float *dkernel, const float *dy, const float *x, const f32_depthwise_shape *shape);

// ---------------------------------------------------------------- optimisers

/// What one step of Adam has in common for all parameters. `first_correction` and `second_correction` are 1 / (1 − βᵗ).
typedef struct {
  float rate, first_decay, second_decay, epsilon, weight_decay, first_correction, second_correction;
  /// What gradients are multiplied by: clipping and the mean over micro-batches.
  float gradient_scale;
} f32_adam;

/// One step with decoupled weight decay. (Loshchilov, Hutter 2017) Gradients are zeros afterwards.
void f32_adamw(float *w, float *g, float *m, float *v, const f32_adam *step, size_t count);
/// The direction of LAMB in place of g, and moments. (You et al. 2019) Returns the sum of its squares.
double f32_lamb_direction(const float *w, float *g, float *m, float *v, const f32_adam *step, size_t count);

#endif
