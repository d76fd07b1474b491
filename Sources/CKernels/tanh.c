#include "polynomials.h"

float kernels_tanh(float x) {
  float z = x < 0.0f ? -x : x, t = -2.8853901f * z;
  float e = kernels_exp2_value(t > -30.0f ? t : -30.0f), y = (1.0f - e) / (1.0f + e);
  return x < 0.0f ? -y : y;
}
