#include "common.h"

#include <math.h>

INLINE float mean_of(const float *x, size_t width) {
  LANES
  float sum = 0;
  for (size_t i = 0; i < width; i++) sum += x[i];
  return sum / (float)width;
}

INLINE float variance_of(const float *x, float mean, size_t width) {
  LANES
  float sum = 0;
  for (size_t i = 0; i < width; i++) sum += (x[i] - mean) * (x[i] - mean);
  return sum / (float)width;
}

KERNEL void f32_layer_norm(
  float *restrict out, float *restrict moments, const float *restrict x, const float *restrict gain, const float *restrict shift,
  float epsilon, size_t rows, size_t width) {
  LANES
  for (size_t r = 0; r < rows; r++, x += width, out += width) {
    float mean = mean_of(x, width);
    float factor = 1.0f / sqrtf(variance_of(x, mean, width) + epsilon);
    moments[2 * r] = mean;
    moments[2 * r + 1] = factor;
    for (size_t i = 0; i < width; i++) out[i] = (x[i] - mean) * factor * gain[i] + shift[i];
  }
}

KERNEL void f32_layer_norm_gradient(
  float *restrict dx, float *restrict dgain, float *restrict dshift, const float *restrict dy, const float *restrict x,
  const float *restrict moments, const float *restrict gain, float keep, size_t rows, size_t width) {
  LANES
  for (size_t r = 0; r < rows; r++, x += width, dy += width) {
    float mean = moments[2 * r], factor = moments[2 * r + 1], sum = 0, product = 0;
    for (size_t i = 0; i < width; i++) {
      sum += dy[i] * gain[i];
      product += dy[i] * gain[i] * ((x[i] - mean) * factor);
    }
    sum /= (float)width;
    product /= (float)width;
    if (dx) {
      float *d = dx + r * width;
      if (keep == 0) {
        for (size_t i = 0; i < width; i++) d[i] = factor * (dy[i] * gain[i] - sum - (x[i] - mean) * factor * product);
      } else {
        for (size_t i = 0; i < width; i++) d[i] += factor * (dy[i] * gain[i] - sum - (x[i] - mean) * factor * product);
      }
    }
    if (dgain) {
      for (size_t i = 0; i < width; i++) dgain[i] += dy[i] * ((x[i] - mean) * factor);
    }
    if (dshift) {
      for (size_t i = 0; i < width; i++) dshift[i] += dy[i];
    }
  }
}

INLINE float largest_of(const float *x, size_t count) {
  float lanes[16], largest = x[0];
  size_t i = 0;
  for (size_t k = 0; k < 16; k++) lanes[k] = x[0];
  for (; i + 16 <= count; i += 16) {
    for (size_t k = 0; k < 16; k++) lanes[k] = x[i + k] > lanes[k] ? x[i + k] : lanes[k];
  }
  for (size_t k = 0; k < 16; k++) largest = lanes[k] > largest ? lanes[k] : largest;
  for (; i < count; i++) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

KERNEL void f32_softmax(float *x, size_t rows, size_t width, size_t visible, int growing) {
  LANES
  for (size_t r = 0; r < rows; r++, x += width) {
    size_t seen = growing ? visible + r : visible;
    float largest = largest_of(x, seen), sum = 0;
    for (size_t i = 0; i < seen; i++) {
      x[i] = exponential(x[i] - largest);
      sum += x[i];
    }
    float factor = 1.0f / sum;
    for (size_t i = 0; i < seen; i++) x[i] *= factor;
    memset(x + seen, 0, (width - seen) * sizeof *x);
  }
}

KERNEL void f32_softmax_gradient(float *ds, const float *p, const float *dp, size_t rows, size_t width) {
  LANES
  for (size_t r = 0; r < rows; r++, ds += width, p += width, dp += width) {
    float sum = 0;
    for (size_t i = 0; i < width; i++) sum += p[i] * dp[i];
    for (size_t i = 0; i < width; i++) ds[i] = p[i] * (dp[i] - sum);
  }
}

KERNEL float f32_log_sum_exp(const float *x, size_t count) {
  LANES
  float largest = largest_of(x, count), sum = 0;
  for (size_t i = 0; i < count; i++) sum += exponential(x[i] - largest);
  return largest + logf(sum);
}

KERNEL void f32_exp(float *restrict out, const float *restrict x, float offset, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = exponential(x[i] - offset);
}

KERNEL void f32_add_column_moments(
  double *restrict sums, const double *restrict means, const float *restrict x, size_t rows, size_t width) {
  LANES
  for (size_t r = 0; r < rows; r++, x += width) {
    if (means) {
      for (size_t i = 0; i < width; i++) sums[i] += (x[i] - means[i]) * (x[i] - means[i]);
    } else {
      for (size_t i = 0; i < width; i++) sums[i] += x[i];
    }
  }
}

KERNEL void f32_affine_columns(
  float *restrict out, const float *restrict x, const float *restrict factor, const float *restrict offset, size_t rows, size_t width) {
  LANES
  for (size_t r = 0; r < rows; r++, x += width, out += width) {
    for (size_t i = 0; i < width; i++) out[i] = x[i] * factor[i] + offset[i];
  }
}

KERNEL void f32_affine_columns_gradient(
  float *restrict dx, const float *restrict dy, const float *restrict x, const float *restrict a, const float *restrict b,
  const float *restrict c, float keep, size_t rows, size_t width) {
  LANES
  for (size_t r = 0; r < rows; r++, x += width, dx += width, dy += width) {
    for (size_t i = 0; i < width; i++) dx[i] = (keep == 0 ? 0 : dx[i]) + a[i] * dy[i] + b[i] * x[i] + c[i];
  }
}

KERNEL void f32_add_column_products(
  double *restrict first, double *restrict second, const float *restrict dy, const float *restrict x, size_t rows, size_t width) {
  LANES
  for (size_t r = 0; r < rows; r++, x += width, dy += width) {
    for (size_t i = 0; i < width; i++) {
      first[i] += dy[i];
      second[i] += (double)dy[i] * x[i];
    }
  }
}
