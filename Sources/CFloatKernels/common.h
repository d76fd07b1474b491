// What the kernels share: variants by instruction set, and functions that vectorise.
#ifndef TRIBUTARY_CFLOATKERNELS_COMMON_H
#define TRIBUTARY_CFLOATKERNELS_COMMON_H

#include "CFloatKernels.h"

#include <string.h>

// One compilation for each level of x86-64, chosen when the program starts; elsewhere the target's own.
#if defined(__x86_64__)
#define KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KERNEL
#endif
#define INLINE static inline __attribute__((always_inline))

// Sums in lanes and fused multiply-adds, in the block in which it stands. Infinities and NaN keep their meaning.
#define LANES _Pragma("clang fp reassociate(on) contract(fast)")

/// e^x, relative error below 2e-7; x is clamped to where the result is a normal number.
INLINE float exponential(float x) {
  LANES
  const float shift = 12582912.0f;  // 1.5 · 2^23: adding it rounds to an integer
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  float n = x * 1.44269504f;
  {
#pragma clang fp reassociate(off) contract(off)
    n = (n + shift) - shift;
  }
  float r = (x - n * 0.693145752f) - n * 1.42860677e-6f;
  float y = 1.0f / 5040;
  y = y * r + 1.0f / 720;
  y = y * r + 1.0f / 120;
  y = y * r + 1.0f / 24;
  y = y * r + 1.0f / 6;
  y = y * r + 0.5f;
  y = y * r + 1.0f;
  y = y * r + 1.0f;
  int32_t bits = ((int32_t)n + 127) << 23;
  float power;
  memcpy(&power, &bits, sizeof power);
  return y * power;
}

#endif
