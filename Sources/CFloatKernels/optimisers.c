#include "common.h"

#include <math.h>

KERNEL void f32_adamw(
  float *restrict w, float *restrict g, float *restrict m, float *restrict v, const f32_adam *step, size_t count) {
  LANES
  const f32_adam s = *step;
  const float keep = 1.0f - s.rate * s.weight_decay, size = s.rate * s.first_correction;
  const float root = sqrtf(s.second_correction);
  for (size_t i = 0; i < count; i++) {
    float gradient = g[i] * s.gradient_scale;
    m[i] = s.first_decay * m[i] + (1.0f - s.first_decay) * gradient;
    v[i] = s.second_decay * v[i] + (1.0f - s.second_decay) * gradient * gradient;
    w[i] = w[i] * keep - size * m[i] / (sqrtf(v[i]) * root + s.epsilon);
    g[i] = 0;
  }
}

KERNEL double f32_lamb_direction(
  const float *restrict w, float *restrict g, float *restrict m, float *restrict v, const f32_adam *step, size_t count) {
  LANES
  const f32_adam s = *step;
  const float root = sqrtf(s.second_correction);
  double squares = 0;
  for (size_t i = 0; i < count; i++) {
    float gradient = g[i] * s.gradient_scale;
    m[i] = s.first_decay * m[i] + (1.0f - s.first_decay) * gradient;
    v[i] = s.second_decay * v[i] + (1.0f - s.second_decay) * gradient * gradient;
    g[i] = m[i] * s.first_correction / (sqrtf(v[i]) * root + s.epsilon) + s.weight_decay * w[i];
    squares += (double)(g[i] * g[i]);
  }
  return squares;
}
