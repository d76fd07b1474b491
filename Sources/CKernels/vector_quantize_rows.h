// Quantisation of rows to 8 bits and back, in the words of vectors_*.h.
#ifndef TRIBUTARY_CKERNELS_VECTOR_QUANTIZE_ROWS_H
#define TRIBUTARY_CKERNELS_VECTOR_QUANTIZE_ROWS_H

#include "forms.h"
#include "vector_polynomials.h"

/// Where the pair from i on begins in a row that is no narrower than a pair: the last one may overlap the one before.
VECTOR_INLINE size_t row_pair(size_t i, size_t width) { return kernels_min(i, width - pair_elements); }

/// Writes range and zero point of a row; returns 255 / range.
VECTOR_INLINE float row_range(const int16_t *x, size_t width, kernels_rows rows, size_t row) {
  vector_shorts lows = vector_no_shorts(), highs = vector_no_shorts();
  for (size_t i = 0; i < width; i += pair_elements) {
    vector_shorts v = vector_load_shorts(x + row_pair(i, width));
    lows = vector_min_shorts(lows, v);
    highs = vector_max_shorts(highs, v);
  }
  return kernels_row_range(rows, row, -vector_largest_short(vector_negate_shorts(lows)), vector_largest_short(highs));
}

VECTOR_INLINE vector_int row_code(const int16_t *x, vector_float inverse, vector_int zero) {
  return vector_add_int(vector_round(vector_mul(vector_from_int16(x), inverse)), zero);
}

VECTOR_TARGET void VECTOR_FORM(qs16_quantize_rows)(const int16_t *x, size_t x_stride, size_t m, size_t width, kernels_rows rows) {
  if (width < pair_elements) return VECTOR_NARROW_FORM(qs16_quantize_rows)(x, x_stride, m, width, rows);
  for (size_t row = 0; row < m; row++, x += x_stride) {
    uint8_t *codes = rows.codes + row * rows.stride;
    const vector_float inverse = vector_broadcast(row_range(x, width, rows, row));
    const vector_int zero = vector_broadcast_int(rows.zero[row]);
    for (size_t i = 0; i < width; i += pair_elements) {
      const size_t at = row_pair(i, width);
      vector_store_uint8(codes + at, row_code(x + at, inverse, zero), row_code(x + at + vector_lanes, inverse, zero));
    }
    for (size_t i = width; i % 4 != 0; i++) codes[i] = 0;
  }
}

VECTOR_INLINE vector_float row_value(const uint8_t *codes, vector_int zero) {
  return vector_to_float(vector_sub_int(vector_int_from_uint8(codes), zero));
}

VECTOR_TARGET void VECTOR_FORM(qu8_dequantize_rows)(kernels_rows rows, size_t m, size_t width, int16_t *y, size_t y_stride) {
  if (width < pair_elements) return VECTOR_NARROW_FORM(qu8_dequantize_rows)(rows, m, width, y, y_stride);
  const vector_float limits = vector_broadcast(32767.0f);
  for (size_t row = 0; row < m; row++, y += y_stride) {
    const uint8_t *codes = rows.codes + row * rows.stride;
    const vector_float step = vector_broadcast(kernels_row_step(rows, row));
    const vector_int zero = vector_broadcast_int(rows.zero[row]);
    for (size_t i = 0; i < width; i += pair_elements) {
      const size_t at = row_pair(i, width);
      vector_pair v = {row_value(codes + at, zero), row_value(codes + at + vector_lanes, zero)};
      pair_requantize(y + at, pair_scale(v, step), limits);
    }
  }
}

#endif
