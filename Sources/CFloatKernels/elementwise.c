#include "common.h"

KERNEL void f32_add(float *restrict out, const float *a, const float *b, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = a[i] + b[i];
}

KERNEL void f32_scale(float *restrict out, const float *restrict x, float factor, float keep, size_t count) {
  if (keep == 0) {
    for (size_t i = 0; i < count; i++) out[i] = factor * x[i];
  } else {
    for (size_t i = 0; i < count; i++) out[i] = keep * out[i] + factor * x[i];
  }
}

void f32_fill_rows(float *out, const float *row, size_t rows, size_t width) {
  for (size_t r = 0; r < rows; r++) memcpy(out + r * width, row, width * sizeof *row);
}

KERNEL void f32_add_column_sums(float *restrict sums, const float *restrict x, size_t rows, size_t stride, size_t width) {
  LANES
  size_t r = 0;
  for (; r + 4 <= rows; r += 4) {
    const float *a = x + r * stride, *b = a + stride, *c = b + stride, *d = c + stride;
    for (size_t i = 0; i < width; i++) sums[i] += (a[i] + b[i]) + (c[i] + d[i]);
  }
  for (; r < rows; r++) {
    for (size_t i = 0; i < width; i++) sums[i] += x[r * stride + i];
  }
}

KERNEL double f32_dot(const float *a, const float *b, size_t count) {
  LANES
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += (double)(a[i] * b[i]);
  return sum;
}

// Φ(−z) = e^(−z²/2) · polynomial in t = 1 / (1 + 0.3 z): fitted here to a relative error of 1.2e-7 over 0 ≤ z ≤ 13.
INLINE float lower_tail(float z, float density) {
  LANES
  float t = 1.0f / (1.0f + 0.3f * z);
  float y = 0.0361939621f;
  y = y * t - 0.159374426f;
  y = y * t + 0.210111412f;
  y = y * t - 0.0571606585f;
  y = y * t + 0.130412744f;
  y = y * t + 0.0993483027f;
  y = y * t + 0.120845332f;
  y = y * t + 0.119623276f;
  return y * t * density;
}

/// Φ(x), given e^(−x²/2).
INLINE float normal_distribution(float x, float density) {
  float tail = lower_tail(x < 0 ? -x : x, density);
  return x < 0 ? tail : 1.0f - tail;
}

INLINE float gelu_slope(float x) {
  LANES
  float density = exponential(-0.5f * x * x);
  return normal_distribution(x, density) + x * density * 0.39894228f;
}

KERNEL void f32_gelu(float *restrict out, const float *restrict x, size_t count) {
  LANES
  for (size_t i = 0; i < count; i++) out[i] = x[i] * normal_distribution(x[i], exponential(-0.5f * x[i] * x[i]));
}

KERNEL void f32_gelu_gradient(float *restrict dx, const float *restrict dy, const float *restrict x, float keep, size_t count) {
  LANES
  if (keep == 0) {
    for (size_t i = 0; i < count; i++) dx[i] = dy[i] * gelu_slope(x[i]);
  } else {
    for (size_t i = 0; i < count; i++) dx[i] += dy[i] * gelu_slope(x[i]);
  }
}

INLINE float quick_sigmoid(float x) { return 1.0f / (1.0f + exponential(-1.702f * x)); }

KERNEL void f32_quick_gelu(float *restrict out, const float *restrict x, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = x[i] * quick_sigmoid(x[i]);
}

KERNEL void f32_quick_gelu_gradient(float *restrict dx, const float *restrict dy, const float *restrict x, float keep, size_t count) {
  LANES
  for (size_t i = 0; i < count; i++) {
    float s = quick_sigmoid(x[i]);
    float slope = s * (1.0f + 1.702f * x[i] * (1.0f - s));
    dx[i] = (keep == 0 ? 0 : dx[i]) + dy[i] * slope;
  }
}

KERNEL void f32_clamp(float *restrict out, const float *restrict x, float limit, size_t count) {
  for (size_t i = 0; i < count; i++) {
    float y = x[i] > 0 ? x[i] : 0;
    out[i] = y < limit ? y : limit;
  }
}

KERNEL void f32_clamp_gradient(
  float *restrict dx, const float *restrict dy, const float *restrict y, float limit, float keep, size_t count) {
  for (size_t i = 0; i < count; i++) {
    float inside = ((y[i] > 0) & (y[i] < limit)) ? dy[i] : 0;
    dx[i] = (keep == 0 ? 0 : dx[i]) + inside;
  }
}
