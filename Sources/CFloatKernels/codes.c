#include "common.h"

// Halfway cases to even, for |x| < 2^22.
INLINE float nearest(float x) { return (x + 0x1.8p23f) - 0x1.8p23f; }

KERNEL void f32_codes(float *restrict out, const float *restrict x, size_t count) {
  float low = 0, high = 0;
  for (size_t i = 0; i < count; i++) {
    low = x[i] < low ? x[i] : low;
    high = x[i] > high ? x[i] : high;
  }
  float range = high - low;
  if (!(range > 0x1p-100f)) {
    for (size_t i = 0; i < count; i++) out[i] = x[i];
    return;
  }
  float inverse = 255 / range, step = range / 255, zero = nearest(-low * inverse);
  for (size_t i = 0; i < count; i++) {
    float code = nearest(x[i] * inverse) + zero;
    code = code < 0 ? 0 : code > 255 ? 255 : code;
    out[i] = (code - zero) * step;
  }
}
