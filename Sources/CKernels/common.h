// What all forms share: strict float arithmetic, rounding and the last step of an operation.
//
// Compile with -ffp-contract=off (compilers other than clang lack the pragma) and -fno-math-errno (so that a square root is one
// instruction).
#ifndef TRIBUTARY_CKERNELS_COMMON_H
#define TRIBUTARY_CKERNELS_COMMON_H

#include <float.h>
#include <string.h>

#include "CKernels.h"

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

#if FLT_EVAL_METHOD != 0
#error "float arithmetic must not carry excess precision"
#endif

/// The largest head width of attention.
#define KERNELS_HEAD_WIDTH 256

/// Adding it to |v| ≤ 2^22 rounds v half to even, and leaves the integer in the low bits.
#define KERNELS_ROUNDING_MAGIC 0x1.8p23f
#define KERNELS_ROUNDING_BITS 0x4B400000

static inline int32_t kernels_bits(float v) {
  int32_t bits;
  memcpy(&bits, &v, sizeof bits);
  return bits;
}

static inline float kernels_from_bits(int32_t bits) {
  float v;
  memcpy(&v, &bits, sizeof v);
  return v;
}

/// |v| ≤ 2^22, half to even.
static inline int32_t kernels_rne(float v) { return kernels_bits(v + KERNELS_ROUNDING_MAGIC) - KERNELS_ROUNDING_BITS; }

static inline float kernels_clamp(float v, float low, float high) {
  v = v > low ? v : low;
  return v < high ? v : high;
}

/// clamp(rne(v), ±limit) for limit in 1...32767.
static inline int16_t kernels_requantize(float v, float limit) { return (int16_t)kernels_rne(kernels_clamp(v, -limit, limit)); }

static inline size_t kernels_round_up(size_t size, size_t multiple) { return (size + multiple - 1) / multiple * multiple; }

static inline size_t kernels_min(size_t a, size_t b) { return a < b ? a : b; }

/// Copies fewer than 64 bytes in pieces of constant size.
static inline void kernels_copy_pieces(void *y, const void *x, size_t count) {
  for (size_t piece = 32, done = 0; piece > 0; piece /= 2) {
    if (count & piece) {
      memcpy((char *)y + done, (const char *)x + done, piece);
      done += piece;
    }
  }
}

/// The real step of a row's codes, in units of its source's scale.
static inline float kernels_row_step(kernels_rows rows, size_t row) { return (float)rows.range[row] / 255.0f; }

/// Range and zero point of a row from its extremes, both of which include 0. Returns 255 / range.
static inline float kernels_row_range(kernels_rows rows, size_t row, int32_t low, int32_t high) {
  int32_t range = high - low > 1 ? high - low : 1;
  float inverse = 255.0f / (float)range;
  rows.range[row] = (uint16_t)range;
  rows.zero[row] = (uint8_t)kernels_rne((float)-low * inverse);
  return inverse;
}

/// The code of x in a row of that zero point, inverse = 255 / range.
static inline uint8_t kernels_code(int16_t x, float inverse, int32_t zero) {
  int32_t code = kernels_rne((float)x * inverse) + zero;
  code = code > 0 ? code : 0;
  return (uint8_t)(code < 255 ? code : 255);
}

/// clamp(rne(v) + zero, 0, 255) for |v| ≤ 2^20, beyond which v is clamped.
static inline uint8_t kernels_encoded(float v, int32_t zero) {
  int32_t code = kernels_rne(kernels_clamp(v, -0x1p20f, 0x1p20f)) + zero;
  code = code > 0 ? code : 0;
  return (uint8_t)(code < 255 ? code : 255);
}

/// The value of a code less its zero point.
static inline int16_t kernels_decoded(int32_t difference, float step) { return kernels_requantize((float)difference * step, 32767.0f); }

/// The affine map of a row in layer norm: normalised x = x · scale + offset.
typedef struct {
  float scale, offset;
} kernels_normalization;

/// From the sum and the sum of squares of a row of n elements.
static inline kernels_normalization kernels_normalize(int64_t sum, int64_t squares, size_t n, double epsilon) {
  double mean = (double)sum / (double)n;
  double variance = (double)((int64_t)n * squares - sum * sum) / ((double)n * (double)n);
  double r = 1.0 / __builtin_sqrt(variance + epsilon);
  return (kernels_normalization){(float)r, (float)(-mean * r)};
}

static inline int16_t kernels_normalized(int16_t x, kernels_normalization n, float gain, float shift, float limit) {
  return kernels_requantize(((float)x * n.scale + n.offset) * gain + shift, limit);
}

/// How many keys a row of attention sees.
static inline size_t kernels_seen_keys(const kernels_attention_arguments *a, size_t row) {
  return kernels_min(a->sequence, a->past + row + 1);
}

/// What shrinks weights r(j) with the sum `total`, so that their sum stays near 2^19; 1 where it is small.
static inline float kernels_weight_factor(int64_t total) {
  float factor = 524288.0f / (float)total;
  return factor < 1.0f ? factor : 1.0f;
}

#endif
