// The vocabulary of the vector forms for NEON, on aarch64 and armv7: four lanes of 32 bits. vectors_avx2.h tells what the words mean.
//
// On armv7 NEON takes and gives denormals, numbers below 2^-126, as zeros. No result depends on one. Every value that these words compute
// ends as a rounded integer; on its way it is added to others, or scaled up by at most 2^64 (a bundle's scales lie within 2^±64): what came
// of a denormal is below 2^-62, rounds as zero does, and is lost in a sum that does not. Layer norm scales a difference up by more, but one
// of terms of at least 2^-40, which is 0 or far from a denormal. What is float in the end (l2_normalize) is no vector form.
#ifndef TRIBUTARY_CKERNELS_VECTORS_H
#define TRIBUTARY_CKERNELS_VECTORS_H

#include <arm_neon.h>

#include "common.h"

#define VECTOR_TARGET
#define VECTOR_INLINE static inline __attribute__((always_inline, unused))
/// A loop that needs every register stays apart from code whose constants the compiler would keep in some of them.
#define VECTOR_APART static __attribute__((noinline))
#define VECTOR_FORM(kernel) kernels_##kernel##_neon
#define VECTOR_NARROW_FORM(kernel) kernels_##kernel##_portable

#if defined(__aarch64__)
enum { vector_lanes = 4, vector_tile_rows = 4 };
#else
enum { vector_lanes = 4, vector_tile_rows = 2 };
#endif

typedef float32x4_t vector_float;
typedef int32x4_t vector_int;
typedef int16x8_t vector_shorts;
typedef int64x2_t vector_long;
/// Products lie two a lane, those of lanes 0 and 1 in `low`: adding neighbours waits until the end.
typedef struct {
  int32x4_t low, high;
} vector_pair_sums;

VECTOR_INLINE vector_float vector_broadcast(float v) { return vdupq_n_f32(v); }
VECTOR_INLINE vector_float vector_load(const float *x) { return vld1q_f32(x); }
VECTOR_INLINE vector_float vector_add(vector_float a, vector_float b) { return vaddq_f32(a, b); }
VECTOR_INLINE vector_float vector_sub(vector_float a, vector_float b) { return vsubq_f32(a, b); }
VECTOR_INLINE vector_float vector_mul(vector_float a, vector_float b) { return vmulq_f32(a, b); }
VECTOR_INLINE vector_float vector_div(vector_float a, vector_float b) {
#if defined(__aarch64__)
  return vdivq_f32(a, b);
#else
  for (int i = 0; i < vector_lanes; i++) a[i] /= b[i];
  return a;
#endif
}
VECTOR_INLINE vector_float vector_min(vector_float a, vector_float b) { return vminq_f32(a, b); }
VECTOR_INLINE vector_float vector_max(vector_float a, vector_float b) { return vmaxq_f32(a, b); }
VECTOR_INLINE vector_float vector_abs(vector_float v) { return vabsq_f32(v); }
VECTOR_INLINE vector_float vector_to_float(vector_int v) { return vcvtq_f32_s32(v); }

VECTOR_INLINE vector_int vector_round(vector_float v) {
#if defined(__aarch64__)
  return vcvtnq_s32_f32(v);
#else
  vector_float shifted = vaddq_f32(v, vdupq_n_f32(KERNELS_ROUNDING_MAGIC));
  return vsubq_s32(vreinterpretq_s32_f32(shifted), vdupq_n_s32(KERNELS_ROUNDING_BITS));
#endif
}

VECTOR_INLINE vector_int vector_broadcast_int(int32_t v) { return vdupq_n_s32(v); }
VECTOR_INLINE vector_int vector_load_int(const int32_t *x) { return vld1q_s32(x); }
VECTOR_INLINE void vector_store_int(int32_t *y, vector_int v) { vst1q_s32(y, v); }
VECTOR_INLINE vector_int vector_add_int(vector_int a, vector_int b) { return vaddq_s32(a, b); }
VECTOR_INLINE vector_int vector_sub_int(vector_int a, vector_int b) { return vsubq_s32(a, b); }
VECTOR_INLINE vector_int vector_mul_int(vector_int a, vector_int b) { return vmulq_s32(a, b); }
VECTOR_INLINE vector_int vector_and_int(vector_int a, vector_int b) { return vandq_s32(a, b); }
VECTOR_INLINE vector_int vector_shift_right(vector_int a, int bits) {
  return vreinterpretq_s32_u32(vshlq_u32(vreinterpretq_u32_s32(a), vdupq_n_s32(-bits)));
}
VECTOR_INLINE vector_int vector_or_int(vector_int a, vector_int b) { return vorrq_s32(a, b); }
VECTOR_INLINE vector_int vector_max_int(vector_int a, vector_int b) { return vmaxq_s32(a, b); }

/// a0 + a1, a2 + a3, b0 + b1, b2 + b3
VECTOR_INLINE vector_int vector_add_neighbours(vector_int a, vector_int b) {
#if defined(__aarch64__)
  return vpaddq_s32(a, b);
#else
  return vcombine_s32(vpadd_s32(vget_low_s32(a), vget_high_s32(a)), vpadd_s32(vget_low_s32(b), vget_high_s32(b)));
#endif
}

VECTOR_INLINE vector_int vector_even_bytes(vector_int v) {
  return vreinterpretq_s32_s16(vshrq_n_s16(vshlq_n_s16(vreinterpretq_s16_s32(v), 8), 8));
}
VECTOR_INLINE vector_int vector_odd_bytes(vector_int v) { return vreinterpretq_s32_s16(vshrq_n_s16(vreinterpretq_s16_s32(v), 8)); }
VECTOR_INLINE vector_int vector_even_codes(vector_int v) { return vandq_s32(v, vdupq_n_s32(0x00FF00FF)); }
VECTOR_INLINE vector_int vector_odd_codes(vector_int v) {
  return vreinterpretq_s32_u16(vshrq_n_u16(vreinterpretq_u16_s32(v), 8));
}

VECTOR_INLINE vector_int vector_abs_bytes(vector_int v) { return vreinterpretq_s32_s8(vabsq_s8(vreinterpretq_s8_s32(v))); }
VECTOR_INLINE vector_shorts vector_byte_pairs(vector_int v) { return vpaddlq_s8(vreinterpretq_s8_s32(v)); }
VECTOR_INLINE vector_shorts vector_code_pairs(vector_int v) {
  return vreinterpretq_s16_u16(vpaddlq_u8(vreinterpretq_u8_s32(v)));
}

VECTOR_INLINE vector_pair_sums vector_begin_pairs(vector_int begin) {
  int32x4x2_t zipped = vzipq_s32(begin, vdupq_n_s32(0));
  return (vector_pair_sums){zipped.val[0], zipped.val[1]};
}
VECTOR_INLINE vector_pair_sums vector_add_pairs(vector_pair_sums sum, vector_int a, vector_int b) {
  int16x8_t x = vreinterpretq_s16_s32(a), y = vreinterpretq_s16_s32(b);
  sum.low = vmlal_s16(sum.low, vget_low_s16(x), vget_low_s16(y));
  sum.high = vmlal_s16(sum.high, vget_high_s16(x), vget_high_s16(y));
  return sum;
}
VECTOR_INLINE vector_int vector_total_pairs(vector_pair_sums sum) { return vector_add_neighbours(sum.low, sum.high); }

VECTOR_INLINE void vector_load_quads(const void *x, size_t stride, const size_t count, vector_int *low, vector_int *high) {
  uint8x8_t bytes[4];
  for (size_t i = 0; i < 4; i++) bytes[i] = i < count ? vld1_u8((const uint8_t *)x + i * stride) : vdup_n_u8(0);
  uint8x8x2_t even = vzip_u8(bytes[0], bytes[2]), odd = vzip_u8(bytes[1], bytes[3]);
  uint8x8x2_t first = vzip_u8(even.val[0], odd.val[0]), second = vzip_u8(even.val[1], odd.val[1]);
  *low = vreinterpretq_s32_u8(vcombine_u8(first.val[0], first.val[1]));
  *high = vreinterpretq_s32_u8(vcombine_u8(second.val[0], second.val[1]));
}
VECTOR_INLINE void vector_order_quads(vector_int *low, vector_int *high) { (void)low, (void)high; }

VECTOR_INLINE vector_float vector_scale_exponent(vector_float v, vector_int n) {
  return vreinterpretq_f32_s32(vaddq_s32(vreinterpretq_s32_f32(v), vshlq_n_s32(n, 23)));
}

VECTOR_INLINE vector_int vector_first(vector_int v, size_t count) {
  static const int32_t lanes[vector_lanes] = {0, 1, 2, 3};
  int32_t kept = (int32_t)(count < vector_lanes ? count : vector_lanes);
  return vandq_s32(v, vreinterpretq_s32_u32(vcgtq_s32(vdupq_n_s32(kept), vld1q_s32(lanes))));
}

VECTOR_INLINE int32_t vector_sum(vector_int v) {
  int32x2_t half = vadd_s32(vget_low_s32(v), vget_high_s32(v));
  return vget_lane_s32(vpadd_s32(half, half), 0);
}

VECTOR_INLINE int32_t vector_largest(vector_int v) {
  int32x2_t half = vmax_s32(vget_low_s32(v), vget_high_s32(v));
  return vget_lane_s32(vpmax_s32(half, half), 0);
}

VECTOR_INLINE vector_shorts vector_load_shorts(const int16_t *x) { return vld1q_s16(x); }
VECTOR_INLINE vector_shorts vector_no_shorts(void) { return vdupq_n_s16(0); }
VECTOR_INLINE vector_shorts vector_min_shorts(vector_shorts a, vector_shorts b) { return vminq_s16(a, b); }
VECTOR_INLINE vector_shorts vector_max_shorts(vector_shorts a, vector_shorts b) { return vmaxq_s16(a, b); }
VECTOR_INLINE vector_shorts vector_plus_shorts(vector_shorts a, vector_shorts b) { return vaddq_s16(a, b); }
VECTOR_INLINE vector_shorts vector_negate_shorts(vector_shorts v) { return vnegq_s16(v); }

VECTOR_INLINE int32_t vector_largest_short(vector_shorts v) {
  int16x4_t half = vmax_s16(vget_low_s16(v), vget_high_s16(v));
  half = vpmax_s16(half, half);
  return vget_lane_s16(vpmax_s16(half, half), 0);
}

VECTOR_INLINE vector_int vector_add_shorts(vector_int sum, vector_shorts v) { return vpadalq_s16(sum, v); }

VECTOR_INLINE vector_long vector_no_squares(void) { return vdupq_n_s64(0); }

VECTOR_INLINE vector_long vector_add_squares(vector_long sum, vector_shorts v) {
  int16x4_t low = vget_low_s16(v), high = vget_high_s16(v);
  return vpadalq_s32(vpadalq_s32(sum, vmull_s16(low, low)), vmull_s16(high, high));
}

VECTOR_INLINE int64_t vector_sum_long(vector_long v) { return vgetq_lane_s64(v, 0) + vgetq_lane_s64(v, 1); }

VECTOR_INLINE vector_int vector_int_from_int16(const int16_t *x) { return vmovl_s16(vld1_s16(x)); }

VECTOR_INLINE vector_int vector_int_from_uint8(const uint8_t *x) {
  uint32_t bytes;
  memcpy(&bytes, x, sizeof bytes);
  return vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(vmovl_u8(vreinterpret_u8_u32(vdup_n_u32(bytes))))));
}

VECTOR_INLINE vector_float vector_from_int16(const int16_t *x) { return vcvtq_f32_s32(vector_int_from_int16(x)); }

VECTOR_INLINE vector_int vector_int_from_int8(const int8_t *x) {
  uint32_t bytes;
  memcpy(&bytes, x, sizeof bytes);
  return vmovl_s16(vget_low_s16(vmovl_s8(vreinterpret_s8_u32(vdup_n_u32(bytes)))));
}

VECTOR_INLINE vector_float vector_from_int8(const int8_t *x) { return vector_to_float(vector_int_from_int8(x)); }

VECTOR_INLINE void vector_store_int16(int16_t *y, vector_int low, vector_int high) {
  vst1q_s16(y, vcombine_s16(vqmovn_s32(low), vqmovn_s32(high)));
}

VECTOR_INLINE void vector_store_first_int16(int16_t *y, vector_int low, vector_int high, size_t count) {
  int16_t all[2 * vector_lanes];
  vector_store_int16(all, low, high);
  kernels_copy_pieces(y, all, count * sizeof *y);
}

VECTOR_INLINE void vector_store_uint8(uint8_t *y, vector_int low, vector_int high) {
  vst1_u8(y, vqmovun_s16(vcombine_s16(vqmovn_s32(low), vqmovn_s32(high))));
}

VECTOR_INLINE void vector_store_first_uint8(uint8_t *y, vector_int low, vector_int high, size_t count) {
  uint8_t all[2 * vector_lanes];
  vector_store_uint8(all, low, high);
  kernels_copy_pieces(y, all, count);
}

#endif
