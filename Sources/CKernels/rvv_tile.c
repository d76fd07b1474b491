// Codes less 128 are signed bytes like the weights, so that two products fit 16 bits, and a proved run of groups does as well: in each lane
// positive and negative weights reach KERNELS_LANE_LIMIT at most, |sum| ≤ 128 · 128 + 127 · 128 < 2^15. A segment load takes the four
// inputs of a group apart, each a register of columns; a code is the scalar of a widening product. Inputs 0 and 1 are summed in one
// register of 16 bits, inputs 2 and 3 in another. At the end of a run both are added to sums of 32 bits.
//
// On a SpacemiT X60 such a product takes one cycle, widening two, and the segment load twelve beside them (rvv-bench's measurements): the
// weights of the next group are on their way while those of this one are used, by turns in two sets of registers. Six rows take all 32
// registers: 12 of sums, 12 of 16-bit sums and 8 of weights, none of which goes to memory. A whole group broadcast as 32 bits would need
// no segment load, but sums four times as many, which do not fit.
//
// Instructions for two groups of 16 columns and six rows, 768 products, with vectors of 256 bits: 132 in a run (44 for 256 products), of
// them 48 products, and 12 at its end; 156 where each group is a run of its own (52 for 256). With 128 bits they take 8 columns.
#if defined(__riscv)
#include "rvv_tile.h"

#include <riscv_vector.h>

#define TARGET __attribute__((target("arch=+v")))
#define INLINE static inline __attribute__((target("arch=+v"), always_inline))

/// One group of codes less 128. A compiler that may not suppose alignment would load single bytes; Linux promises programs that numbers
/// may lie anywhere, and most lie aligned here.
INLINE uint32_t load_codes(const uint8_t *codes) {
  typedef struct {
    uint8_t codes[KERNELS_BLOCK_DEPTH];
  } code_group;
  uint32_t group;
  __asm__("lwu %0, %1" : "=r"(group) : "m"(*(const code_group *)(const void *)codes));
  return group ^ 0x80808080;
}

INLINE vint8mf2x4_t load_weights(const int8_t *weights, size_t columns) { return __riscv_vlseg4e8_v_i8mf2x4(weights, columns); }

/// Adds the products of a group of codes to a row's 16-bit sums, or begins these.
INLINE void add_group(vint16m1_t *low, vint16m1_t *high, uint32_t codes, vint8mf2x4_t weights, const int begins, size_t columns) {
  const vint8mf2_t first = __riscv_vget_v_i8mf2x4_i8mf2(weights, 0), third = __riscv_vget_v_i8mf2x4_i8mf2(weights, 2);
  if (begins) {
    *low = __riscv_vwmul_vx_i16m1(first, (int8_t)codes, columns);
    *high = __riscv_vwmul_vx_i16m1(third, (int8_t)(codes >> 16), columns);
  } else {
    *low = __riscv_vwmacc_vx_i16m1(*low, (int8_t)codes, first, columns);
    *high = __riscv_vwmacc_vx_i16m1(*high, (int8_t)(codes >> 16), third, columns);
  }
  *low = __riscv_vwmacc_vx_i16m1(*low, (int8_t)(codes >> 8), __riscv_vget_v_i8mf2x4_i8mf2(weights, 1), columns);
  *high = __riscv_vwmacc_vx_i16m1(*high, (int8_t)(codes >> 24), __riscv_vget_v_i8mf2x4_i8mf2(weights, 3), columns);
}

// Registers whose width the compiler does not know are neither elements of arrays nor members: each row has variables of its own.
#define EACH_ROW(step, ...) \
  step(0, __VA_ARGS__) step(1, __VA_ARGS__) step(2, __VA_ARGS__) step(3, __VA_ARGS__) step(4, __VA_ARGS__) step(5, __VA_ARGS__)
#define DECLARE(r, none)        \
  vint32m2_t sum##r = (none);   \
  vint16m1_t low##r, high##r;   \
  const uint8_t *x##r = x->rows[r < rows ? r : 0]; \
  uint32_t codes##r;
#define LOAD(r, group) \
  if (r < rows) codes##r = load_codes(x##r + (group) * KERNELS_BLOCK_DEPTH);
#define ADD(r, weights, begins) \
  if (r < rows) add_group(&low##r, &high##r, codes##r, weights, begins, columns);
#define ADVANCE(r, bytes) \
  if (r < rows) x##r += (bytes);
#define WIDEN(r, columns)                                         \
  if (r < rows) {                                                 \
    sum##r = __riscv_vwadd_wv_i32m2(sum##r, low##r, columns);     \
    sum##r = __riscv_vwadd_wv_i32m2(sum##r, high##r, columns);    \
  }
#define STORE(r, columns) \
  if (r < rows) __riscv_vse32_v_i32m2(sums + (r) * (columns), sum##r, columns);

/// Adds the groups at x and behind it, whose weights are `even` and those that follow, and has the next one's on their way.
#define ADD_PAIR(begins)                                      \
  EACH_ROW(LOAD, 0)                                           \
  odd = load_weights(weights += rvv_group_bytes, columns);    \
  EACH_ROW(ADD, even, begins)                                 \
  if (single) {                                               \
    EACH_ROW(WIDEN, columns)                                  \
  }                                                           \
  EACH_ROW(LOAD, 1)                                           \
  if (weights < last) weights += rvv_group_bytes;             \
  even = load_weights(weights, columns);                      \
  EACH_ROW(ADD, odd, single)                                  \
  EACH_ROW(ADVANCE, 2 * KERNELS_BLOCK_DEPTH)

/// For a constant number of rows, and runs that are all of a single group or all of more.
INLINE void multiply(const rvv_tile_inputs *x, const size_t rows, const int single, const int8_t *weights, size_t columns, int32_t *sums) {
  const int8_t *last = weights + (x->parts * x->groups - 1) * rvv_group_bytes;
  EACH_ROW(DECLARE, __riscv_vmv_v_x_i32m2(0, columns))
  vint8mf2x4_t even = load_weights(weights, columns), odd;
  for (size_t part = 0; part < x->parts; part++) {
    size_t left = x->groups;
    while (left > 1) {
      size_t pairs = single ? 1 : kernels_min(x->run, left) / 2;
      left -= 2 * pairs;
      ADD_PAIR(1)
      while (--pairs > 0) {
        ADD_PAIR(0)
      }
      EACH_ROW(WIDEN, columns)
    }
    if (left > 0) {
      EACH_ROW(LOAD, 0)
      EACH_ROW(ADD, even, 1)
      if (weights < last) weights += rvv_group_bytes;
      even = load_weights(weights, columns);
      EACH_ROW(ADVANCE, KERNELS_BLOCK_DEPTH)
      EACH_ROW(WIDEN, columns)
    }
    EACH_ROW(ADVANCE, x->part_stride - x->groups * KERNELS_BLOCK_DEPTH)
  }
  EACH_ROW(STORE, columns)
}

TARGET void kernels_rvv_tile(const rvv_tile_inputs *x, size_t rows, const int8_t *weights, size_t columns, int32_t *sums) {
  const int single = x->run == 1;
  switch (rows) {
    case 6: return single ? multiply(x, 6, 1, weights, columns, sums) : multiply(x, 6, 0, weights, columns, sums);
    case 4: return single ? multiply(x, 4, 1, weights, columns, sums) : multiply(x, 4, 0, weights, columns, sums);
    case 2: return single ? multiply(x, 2, 1, weights, columns, sums) : multiply(x, 2, 0, weights, columns, sums);
    default: return single ? multiply(x, 1, 1, weights, columns, sums) : multiply(x, 1, 0, weights, columns, sums);
  }
}

#endif
