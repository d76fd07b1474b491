// In the vectors that compilers offer on every processor. As in the AVX2 form, shifts and masks widen bytes to 16 bits, inputs (0, 2) and
// (1, 3) of a group apart; each column has two sums, added at the end. Bytes are little-endian, as in all formats here.
#include "forms.h"
#include "gemm.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "codes are taken as little-endian pairs"
#endif

#define INLINE static inline __attribute__((always_inline))

enum {
  tile_rows = 2,
  tile_columns = KERNELS_BLOCK_COLUMNS,
  group_bytes = tile_columns * KERNELS_BLOCK_DEPTH,
  vectors = 4,
  vector_columns = tile_columns / vectors,
};

/// Two inputs of each of four columns, or a product for each.
typedef int16_t input_vector __attribute__((vector_size(16)));
typedef int32_t product_vector __attribute__((vector_size(32)));

INLINE void add_products(product_vector *sum, input_vector a, input_vector b) {
  *sum += __builtin_convertvector(a, product_vector) * __builtin_convertvector(b, product_vector);
}

INLINE input_vector broadcast(const uint8_t *codes) {
  typedef uint32_t group_vector __attribute__((vector_size(16)));
  uint32_t group;
  memcpy(&group, codes, sizeof group);
  return (input_vector)((group_vector){0} + group);
}

INLINE input_vector load(const int8_t *weights) {
  input_vector v;
  memcpy(&v, weights, sizeof v);
  return v;
}

/// Adds a group to the sums; `rows` is a constant, so that these stay in registers.
INLINE void add_group(product_vector sums[tile_rows][vectors], const size_t rows, const uint8_t *codes, size_t stride,
                             const int8_t *weights) {
  input_vector even[tile_rows], odd[tile_rows];
  for (size_t r = 0; r < rows; r++) {
    input_vector group = broadcast(codes + r * stride);
    even[r] = group & 0xFF;
    odd[r] = (group >> 8) & 0xFF;
  }
  for (size_t v = 0; v < vectors; v++) {
    input_vector raw = load(weights + v * sizeof raw), high = raw >> 8, low = (raw << 8) >> 8;
    for (size_t r = 0; r < rows; r++) add_products(&sums[r][v], even[r], low);
    for (size_t r = 0; r < rows; r++) add_products(&sums[r][v], odd[r], high);
  }
}

/// The results of one row of a tile from its halves of sums.
static void finish(const kernels_gemm_arguments *g, const product_vector sums[vectors], size_t row, size_t column, size_t columns) {
  const float step = kernels_row_step(g->rows, row);
  const int32_t zero = g->rows.zero[row];
  int16_t *y = g->y + row * g->y_stride + column;
  int32_t halves[2 * tile_columns];
  memcpy(halves, sums, sizeof halves);
  for (size_t j = 0; j < columns; j++) y[j] = kernels_gemm_result(g, halves[2 * j] + halves[2 * j + 1], zero, step, column + j);
}

INLINE void compute_tile(const kernels_gemm_arguments *g, size_t row, const size_t rows, size_t column, size_t columns) {
  product_vector sums[tile_rows][vectors] = {{{0}}};
  size_t depth = kernels_round_up(g->inputs, KERNELS_BLOCK_DEPTH);
  const uint8_t *codes = g->rows.codes + row * g->rows.stride;
  const int8_t *weights = g->weights + column * depth;
  for (size_t k = 0; k < depth; k += KERNELS_BLOCK_DEPTH) add_group(sums, rows, codes + k, g->rows.stride, weights + k * tile_columns);
  for (size_t r = 0; r < rows; r++) finish(g, sums[r], row + r, column, columns);
}

void kernels_qu8_gemm_2x16_portable(const kernels_gemm_arguments *g, size_t row_begin, size_t row_end, size_t column_begin,
                                    size_t column_end) {
  for (size_t column = column_begin; column < column_end; column += tile_columns) {
    size_t columns = kernels_min(tile_columns, column_end - column), row = row_begin;
    for (; row + tile_rows <= row_end; row += tile_rows) compute_tile(g, row, tile_rows, column, columns);
    for (; row < row_end; row++) compute_tile(g, row, 1, column, columns);
  }
}
