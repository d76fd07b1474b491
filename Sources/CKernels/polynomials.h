// The polynomials of all forms, fitted and measured by tools/oracles/polynomials.py. A polynomial in v is evaluated
// as odd · v + even, both by Horner's rule in v · v: chains half as long. Errors are those of the float32 evaluation.
#ifndef TRIBUTARY_CKERNELS_POLYNOMIALS_H
#define TRIBUTARY_CKERNELS_POLYNOMIALS_H

#include "common.h"

/// gelu(x) = max(x, 0) − z·w²·P(w) with z = min(|x|, bound), w = bound − z. Absolute error ≤ 1.4e-5; beyond ±bound exactly x and 0.
#define KERNELS_GELU_BOUND 4.75f
#define KERNELS_GELU_0 -0x1.d954c8p-16f
#define KERNELS_GELU_1 0x1.115158p-12f
#define KERNELS_GELU_2 -0x1.d21bf6p-13f
#define KERNELS_GELU_3 -0x1.da63ccp-13f
#define KERNELS_GELU_4 0x1.43c334p-11f
#define KERNELS_GELU_5 -0x1.dfd794p-12f
#define KERNELS_GELU_6 0x1.69e0f2p-13f
#define KERNELS_GELU_7 -0x1.f2d9ap-16f
#define KERNELS_GELU_8 0x1.f3f13ep-20f

/// 2^t = 2^n · P(t − n) with n = rne(t). Relative error ≤ 3e-7 on [−30, 0], exact at integers.
#define KERNELS_EXP2_0 0x1p+0f
#define KERNELS_EXP2_1 0x1.62e42ap-1f
#define KERNELS_EXP2_2 0x1.ebf9bcp-3f
#define KERNELS_EXP2_3 0x1.c6b752p-5f
#define KERNELS_EXP2_4 0x1.3cea88p-7f
#define KERNELS_EXP2_5 0x1.5bba12p-10f

static inline float kernels_gelu_value(float x) {
  float magnitude = x < 0.0f ? -x : x;
  float z = magnitude < KERNELS_GELU_BOUND ? magnitude : KERNELS_GELU_BOUND;
  float w = KERNELS_GELU_BOUND - z;
  float square = w * w;
  float even = KERNELS_GELU_8, odd = KERNELS_GELU_7;
  even = even * square + KERNELS_GELU_6;
  even = even * square + KERNELS_GELU_4;
  even = even * square + KERNELS_GELU_2;
  even = even * square + KERNELS_GELU_0;
  odd = odd * square + KERNELS_GELU_5;
  odd = odd * square + KERNELS_GELU_3;
  odd = odd * square + KERNELS_GELU_1;
  return (x > 0.0f ? x : 0.0f) - square * z * (odd * w + even);
}

/// t in −30...0.
static inline float kernels_exp2_value(float t) {
  int32_t whole = kernels_rne(t);
  float f = t - (float)whole;
  float square = f * f;
  float even = KERNELS_EXP2_4, odd = KERNELS_EXP2_5;
  even = even * square + KERNELS_EXP2_2;
  even = even * square + KERNELS_EXP2_0;
  odd = odd * square + KERNELS_EXP2_3;
  odd = odd * square + KERNELS_EXP2_1;
  float p = odd * f + even;
  return kernels_from_bits(kernels_bits(p) + whole * (1 << 23));
}

/// −1.702 / ln 2
#define KERNELS_QUICK_GELU_RATE -2.4554669f

static inline float kernels_quick_gelu_value(float x) {
  float z = x < 0.0f ? -x : x, t = KERNELS_QUICK_GELU_RATE * z;
  float e = kernels_exp2_value(t > -30.0f ? t : -30.0f);
  return (x > 0.0f ? x : 0.0f) - z * (e / (1.0f + e));
}

static inline float kernels_activated(float v, kernels_activation activation, float rescale) {
  switch (activation) {
    case KERNELS_GELU: return kernels_gelu_value(v) * rescale;
    case KERNELS_QUICK_GELU: return kernels_quick_gelu_value(v) * rescale;
    case KERNELS_RELU: return (v > 0.0f ? v : 0.0f) * rescale;
    case KERNELS_RELU6: return kernels_clamp(v, 0.0f, 6.0f) * rescale;
    default: return v;
  }
}

#endif
