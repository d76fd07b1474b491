// The vocabulary of the vector forms for RISC-V's vectors (RVV 1.0): four lanes of 32 bits, one register of 128 bits, which every such
// processor has. vectors_rvv256.h takes eight. vectors_avx2.h tells what the words mean.
//
// An instruction takes as long as its registers are wide, however few lanes it is told to take (SpacemiT X60 and C908, by rvv-bench's
// measurements), so the words fill whole registers. They are the compiler's vectors of constant size, which it knows to fit. Vectors are
// loaded and stored by elements, and aligned as these are: what is read as 32 bits from bytes are whole blocks of weights.
#ifndef TRIBUTARY_CKERNELS_VECTORS_H
#define TRIBUTARY_CKERNELS_VECTORS_H

#include "common.h"

#ifndef VECTOR_FEATURES
#define VECTOR_FEATURES target("arch=+v")
/// The name of this instruction set's form of a kernel.
#define VECTOR_FORM(kernel) kernels_##kernel##_rvv
enum { vector_lanes = 4 };
#endif
#define VECTOR_NARROW_FORM(kernel) kernels_##kernel##_portable
#define VECTOR_TARGET __attribute__((VECTOR_FEATURES))
#define VECTOR_INLINE static inline __attribute__((VECTOR_FEATURES, always_inline, unused))

enum { vector_tile_rows = 4 };

/// A vector of `count` elements, aligned as one of them is.
#define VECTOR_OF(element, count) __attribute__((vector_size((count) * sizeof(element)), aligned(sizeof(element)))) element
typedef VECTOR_OF(float, vector_lanes) vector_float;
typedef VECTOR_OF(int32_t, vector_lanes) vector_int;
typedef VECTOR_OF(int16_t, 2 * vector_lanes) vector_shorts;
/// One lane of 64 bits for each of 16.
typedef VECTOR_OF(int64_t, 2 * vector_lanes) vector_long;
/// Products lie two a lane: adding neighbours waits until the end.
typedef VECTOR_OF(int32_t, 2 * vector_lanes) vector_pair_sums;

/// The same bits as unsigned numbers, or as other lanes.
typedef VECTOR_OF(uint32_t, vector_lanes) vector_unsigned;
typedef VECTOR_OF(uint64_t, vector_lanes) vector_unsigned_long;
typedef VECTOR_OF(uint16_t, 2 * vector_lanes) vector_unsigned_shorts;
typedef VECTOR_OF(int8_t, 4 * vector_lanes) vector_bytes;
/// A vector's lanes, narrower.
typedef VECTOR_OF(int16_t, vector_lanes) vector_half_shorts;
typedef VECTOR_OF(int8_t, vector_lanes) vector_quarter_bytes;
typedef VECTOR_OF(uint8_t, vector_lanes) vector_quarter_codes;

VECTOR_INLINE vector_float vector_broadcast(float v) { return v - (vector_float){0}; }
VECTOR_INLINE vector_float vector_load(const float *x) { return *(const vector_float *)x; }
VECTOR_INLINE vector_float vector_add(vector_float a, vector_float b) { return a + b; }
VECTOR_INLINE vector_float vector_sub(vector_float a, vector_float b) { return a - b; }
VECTOR_INLINE vector_float vector_mul(vector_float a, vector_float b) { return a * b; }
VECTOR_INLINE vector_float vector_div(vector_float a, vector_float b) { return a / b; }
VECTOR_INLINE vector_float vector_min(vector_float a, vector_float b) { return __builtin_elementwise_min(a, b); }
VECTOR_INLINE vector_float vector_max(vector_float a, vector_float b) { return __builtin_elementwise_max(a, b); }
VECTOR_INLINE vector_float vector_abs(vector_float v) { return __builtin_elementwise_abs(v); }
VECTOR_INLINE vector_float vector_to_float(vector_int v) { return __builtin_convertvector(v, vector_float); }
/// One conversion: it rounds as the processor is told to, which is half to even, as all float arithmetic here.
VECTOR_INLINE vector_int vector_round(vector_float v) { return __builtin_convertvector(__builtin_elementwise_rint(v), vector_int); }

VECTOR_INLINE vector_int vector_broadcast_int(int32_t v) { return v - (vector_int){0}; }
VECTOR_INLINE vector_int vector_load_int(const int32_t *x) { return *(const vector_int *)x; }
VECTOR_INLINE void vector_store_int(int32_t *y, vector_int v) { *(vector_int *)y = v; }
VECTOR_INLINE vector_int vector_add_int(vector_int a, vector_int b) { return a + b; }
VECTOR_INLINE vector_int vector_sub_int(vector_int a, vector_int b) { return a - b; }
VECTOR_INLINE vector_int vector_mul_int(vector_int a, vector_int b) { return a * b; }
VECTOR_INLINE vector_int vector_and_int(vector_int a, vector_int b) { return a & b; }
VECTOR_INLINE vector_int vector_shift_right(vector_int a, int bits) { return (vector_int)((vector_unsigned)a >> bits); }
VECTOR_INLINE vector_int vector_or_int(vector_int a, vector_int b) { return a | b; }
VECTOR_INLINE vector_int vector_max_int(vector_int a, vector_int b) { return __builtin_elementwise_max(a, b); }

VECTOR_INLINE vector_int vector_even_bytes(vector_int v) { return (vector_int)(((vector_shorts)v << 8) >> 8); }
VECTOR_INLINE vector_int vector_odd_bytes(vector_int v) { return (vector_int)((vector_shorts)v >> 8); }
VECTOR_INLINE vector_int vector_even_codes(vector_int v) { return (vector_int)((vector_shorts)v & 0xFF); }
VECTOR_INLINE vector_int vector_odd_codes(vector_int v) { return (vector_int)((vector_unsigned_shorts)v >> 8); }

VECTOR_INLINE vector_int vector_abs_bytes(vector_int v) { return (vector_int)__builtin_elementwise_abs((vector_bytes)v); }
VECTOR_INLINE vector_shorts vector_byte_pairs(vector_int v) {
  return (vector_shorts)vector_even_bytes(v) + (vector_shorts)vector_odd_bytes(v);
}
VECTOR_INLINE vector_shorts vector_code_pairs(vector_int v) {
  return (vector_shorts)vector_even_codes(v) + (vector_shorts)vector_odd_codes(v);
}

VECTOR_INLINE vector_pair_sums vector_begin_pairs(vector_int begin) {
  return (vector_pair_sums)__builtin_convertvector((vector_unsigned)begin, vector_unsigned_long);
}
VECTOR_INLINE vector_pair_sums vector_add_pairs(vector_pair_sums sum, vector_int a, vector_int b) {
  return sum + __builtin_convertvector((vector_shorts)a, vector_pair_sums) * __builtin_convertvector((vector_shorts)b, vector_pair_sums);
}
VECTOR_INLINE vector_int vector_total_pairs(vector_pair_sums sum) {
  const vector_unsigned_long pairs = (vector_unsigned_long)sum;
  return __builtin_convertvector(pairs, vector_int) + __builtin_convertvector(pairs >> 32, vector_int);
}

VECTOR_INLINE vector_float vector_scale_exponent(vector_float v, vector_int n) { return (vector_float)((vector_int)v + (n << 23)); }

VECTOR_INLINE vector_int vector_first(vector_int v, size_t count) {
  vector_int lanes;
  for (int32_t i = 0; i < vector_lanes; i++) lanes[i] = i;
  return v & (lanes < (int32_t)kernels_min(count, vector_lanes));
}

VECTOR_INLINE int32_t vector_sum(vector_int v) { return __builtin_reduce_add(v); }
VECTOR_INLINE int32_t vector_largest(vector_int v) { return __builtin_reduce_max(v); }

VECTOR_INLINE vector_shorts vector_load_shorts(const int16_t *x) { return *(const vector_shorts *)x; }
VECTOR_INLINE vector_shorts vector_no_shorts(void) { return (vector_shorts){0}; }
VECTOR_INLINE vector_shorts vector_min_shorts(vector_shorts a, vector_shorts b) { return __builtin_elementwise_min(a, b); }
VECTOR_INLINE vector_shorts vector_max_shorts(vector_shorts a, vector_shorts b) { return __builtin_elementwise_max(a, b); }
VECTOR_INLINE vector_shorts vector_plus_shorts(vector_shorts a, vector_shorts b) { return a + b; }
VECTOR_INLINE vector_shorts vector_negate_shorts(vector_shorts v) { return -v; }
VECTOR_INLINE int32_t vector_largest_short(vector_shorts v) { return __builtin_reduce_max(v); }

VECTOR_INLINE vector_int vector_add_shorts(vector_int sum, vector_shorts v) {
  return sum + (((vector_int)v << 16) >> 16) + ((vector_int)v >> 16);
}

VECTOR_INLINE vector_long vector_no_squares(void) { return (vector_long){0}; }
VECTOR_INLINE vector_long vector_add_squares(vector_long sum, vector_shorts v) {
  const vector_pair_sums wide = __builtin_convertvector(v, vector_pair_sums);
  return sum + __builtin_convertvector(wide * wide, vector_long);
}
VECTOR_INLINE int64_t vector_sum_long(vector_long v) { return __builtin_reduce_add(v); }

VECTOR_INLINE vector_int vector_int_from_int16(const int16_t *x) {
  return __builtin_convertvector(*(const vector_half_shorts *)x, vector_int);
}
VECTOR_INLINE vector_int vector_int_from_int8(const int8_t *x) {
  return __builtin_convertvector(*(const vector_quarter_bytes *)x, vector_int);
}
VECTOR_INLINE vector_int vector_int_from_uint8(const uint8_t *x) {
  return __builtin_convertvector(*(const vector_quarter_codes *)x, vector_int);
}
VECTOR_INLINE vector_float vector_from_int16(const int16_t *x) { return vector_to_float(vector_int_from_int16(x)); }
VECTOR_INLINE vector_float vector_from_int8(const int8_t *x) { return vector_to_float(vector_int_from_int8(x)); }

VECTOR_INLINE void vector_store_int16(int16_t *y, vector_int low, vector_int high) {
  *(vector_half_shorts *)y = __builtin_convertvector(low, vector_half_shorts);
  *(vector_half_shorts *)(y + vector_lanes) = __builtin_convertvector(high, vector_half_shorts);
}

VECTOR_INLINE void vector_store_first_int16(int16_t *y, vector_int low, vector_int high, size_t count) {
  int16_t all[2 * vector_lanes];
  vector_store_int16(all, low, high);
  kernels_copy_pieces(y, all, count * sizeof *y);
}

/// Integers clamped to 0...255.
VECTOR_INLINE vector_quarter_codes vector_codes(vector_int v) {
  return __builtin_convertvector(__builtin_elementwise_min(__builtin_elementwise_max(v, (vector_int){0}), 255 - (vector_int){0}),
                                 vector_quarter_codes);
}

VECTOR_INLINE void vector_store_uint8(uint8_t *y, vector_int low, vector_int high) {
  *(vector_quarter_codes *)y = vector_codes(low);
  *(vector_quarter_codes *)(y + vector_lanes) = vector_codes(high);
}

VECTOR_INLINE void vector_store_first_uint8(uint8_t *y, vector_int low, vector_int high, size_t count) {
  uint8_t all[2 * vector_lanes];
  vector_store_uint8(all, low, high);
  kernels_copy_pieces(y, all, count);
}

#endif
