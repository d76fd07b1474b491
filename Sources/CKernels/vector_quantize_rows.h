// Quantisation of rows to 8 bits and back, in the words of vectors_*.h.
#ifndef TRIBUTARY_CKERNELS_VECTOR_QUANTIZE_ROWS_H
#define TRIBUTARY_CKERNELS_VECTOR_QUANTIZE_ROWS_H

#include "forms.h"
#include "vector_polynomials.h"

/// Writes range and zero point of a row; returns 255 / range.
VECTOR_INLINE float row_range(const int16_t *x, size_t width, kernels_rows rows, size_t row) {
  vector_shorts lows = vector_no_shorts(), highs = vector_no_shorts();
  size_t i = 0;
  for (; i + pair_elements <= width; i += pair_elements) {
    vector_shorts v = vector_load_shorts(x + i);
    lows = vector_min_shorts(lows, v);
    highs = vector_max_shorts(highs, v);
  }
  int32_t low = -vector_largest_short(vector_negate_shorts(lows)), high = vector_largest_short(highs);
  for (; i < width; i++) {
    low = x[i] < low ? x[i] : low;
    high = x[i] > high ? x[i] : high;
  }
  return kernels_row_range(rows, row, low, high);
}

VECTOR_INLINE vector_int row_code(const int16_t *x, vector_float inverse, vector_int zero) {
  return vector_add_int(vector_round(vector_mul(vector_from_int16(x), inverse)), zero);
}

VECTOR_TARGET void VECTOR_FORM(qs16_quantize_rows)(const int16_t *x, size_t x_stride, size_t m, size_t width, kernels_rows rows) {
  for (size_t row = 0; row < m; row++, x += x_stride) {
    uint8_t *codes = rows.codes + row * rows.stride;
    const float inverse = row_range(x, width, rows, row);
    const vector_float inverses = vector_broadcast(inverse);
    const vector_int zeros = vector_broadcast_int(rows.zero[row]);
    size_t i = 0;
    for (; i + pair_elements <= width; i += pair_elements) {
      vector_store_uint8(codes + i, row_code(x + i, inverses, zeros), row_code(x + i + vector_lanes, inverses, zeros));
    }
    for (; i < width; i++) codes[i] = kernels_code(x[i], inverse, rows.zero[row]);
    memset(codes + width, 0, kernels_round_up(width, 4) - width);
  }
}

VECTOR_INLINE vector_float row_value(const uint8_t *codes, vector_int zero) {
  return vector_to_float(vector_sub_int(vector_int_from_uint8(codes), zero));
}

VECTOR_TARGET void VECTOR_FORM(qu8_dequantize_rows)(kernels_rows rows, size_t m, size_t width, int16_t *y, size_t y_stride) {
  const vector_float limits = vector_broadcast(32767.0f);
  for (size_t row = 0; row < m; row++, y += y_stride) {
    const uint8_t *codes = rows.codes + row * rows.stride;
    const float step = kernels_row_step(rows, row);
    const vector_int zero = vector_broadcast_int(rows.zero[row]);
    size_t i = 0;
    for (; i + pair_elements <= width; i += pair_elements) {
      vector_pair v = {row_value(codes + i, zero), row_value(codes + i + vector_lanes, zero)};
      pair_requantize(y + i, pair_scale(v, vector_broadcast(step)), limits);
    }
    for (; i < width; i++) y[i] = kernels_decoded(codes[i] - rows.zero[row], step);
  }
}

#endif
