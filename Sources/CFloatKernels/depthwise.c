#include "common.h"

/// Calls BODY for each tap inside the image, with `pixel`, `tap` and `place` (elements from the start of x, kernel and out) declared.
#define FOR_EACH_TAP(s, BODY)                                                                                        \
  for (int32_t oy = 0; oy < (s)->out_height; oy++) {                                                                 \
    for (int32_t ox = 0; ox < (s)->out_width; ox++) {                                                                \
      const size_t place = ((size_t)oy * (s)->out_width + ox) * (s)->channels;                                       \
      for (int32_t ty = 0; ty < (s)->window_height; ty++) {                                                          \
        const int32_t y = oy * (s)->stride_height + ty - (s)->top;                                                   \
        if (y < 0 || y >= (s)->height) continue;                                                                     \
        for (int32_t tx = 0; tx < (s)->window_width; tx++) {                                                         \
          const int32_t column = ox * (s)->stride_width + tx - (s)->left;                                            \
          if (column < 0 || column >= (s)->width) continue;                                                          \
          const size_t pixel = ((size_t)y * (s)->width + column) * (s)->channels;                                    \
          const size_t tap = ((size_t)ty * (s)->window_width + tx) * (s)->channels;                                  \
          BODY                                                                                                       \
        }                                                                                                            \
      }                                                                                                              \
    }                                                                                                                \
  }

KERNEL void f32_depthwise(
  float *restrict out, const float *restrict x, const float *restrict kernel, const float *bias, const f32_depthwise_shape *shape) {
  LANES
  const int32_t channels = shape->channels;
  const size_t positions = (size_t)shape->out_height * shape->out_width;
  if (bias) {
    f32_fill_rows(out, bias, positions, channels);
  } else {
    memset(out, 0, positions * channels * sizeof *out);
  }
  FOR_EACH_TAP(shape, for (int32_t c = 0; c < channels; c++) out[place + c] += x[pixel + c] * kernel[tap + c];)
}

KERNEL void f32_depthwise_input_gradient(
  float *restrict dx, const float *restrict dy, const float *restrict kernel, const f32_depthwise_shape *shape) {
  LANES
  const int32_t channels = shape->channels;
  FOR_EACH_TAP(shape, for (int32_t c = 0; c < channels; c++) dx[pixel + c] += dy[place + c] * kernel[tap + c];)
}

KERNEL void f32_depthwise_kernel_gradient(
  float *restrict dkernel, const float *restrict dy, const float *restrict x, const f32_depthwise_shape *shape) {
  LANES
  const int32_t channels = shape->channels;
  FOR_EACH_TAP(shape, for (int32_t c = 0; c < channels; c++) dkernel[tap + c] += dy[place + c] * x[pixel + c];)
}
