// The polynomials of all forms, fitted and measured by tools/oracles/polynomials.py. All are evaluated by Horner's rule, one multiplication
// and one addition a step. Errors are those of the float32 evaluation.
#ifndef TRIBUTARY_CKERNELS_POLYNOMIALS_H
#define TRIBUTARY_CKERNELS_POLYNOMIALS_H

#include "common.h"

/// gelu(x) = max(x, 0) − z·w²·P(w) with z = min(|x|, bound), w = bound − z. Absolute error ≤ 1.05e-5; beyond ±bound exactly x and 0.
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

/// 2^t = 2^n · P(t − n) with n = rne(t). Relative error ≤ 2e-7 on [−30, 0], exact at integers.
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
  float p = KERNELS_GELU_8;
  p = p * w + KERNELS_GELU_7;
  p = p * w + KERNELS_GELU_6;
  p = p * w + KERNELS_GELU_5;
  p = p * w + KERNELS_GELU_4;
  p = p * w + KERNELS_GELU_3;
  p = p * w + KERNELS_GELU_2;
  p = p * w + KERNELS_GELU_1;
  p = p * w + KERNELS_GELU_0;
  return (x > 0.0f ? x : 0.0f) - w * w * z * p;
}

/// t in −30...0.
static inline float kernels_exp2_value(float t) {
  int32_t whole = kernels_rne(t);
  float f = t - (float)whole;
  float p = KERNELS_EXP2_5;
  p = p * f + KERNELS_EXP2_4;
  p = p * f + KERNELS_EXP2_3;
  p = p * f + KERNELS_EXP2_2;
  p = p * f + KERNELS_EXP2_1;
  p = p * f + KERNELS_EXP2_0;
  return kernels_from_bits(kernels_bits(p) + whole * (1 << 23));
}

#endif
