#if defined(__aarch64__)
enum { tile_rows = 4 };

#include "neon_gemm.h"

void kernels_qu8_gemm_4x8_neon(const kernels_gemm_arguments *g, size_t row_begin, size_t row_end, size_t column_begin,
                              size_t column_end) {
  compute(g, row_begin, row_end, column_begin, column_end);
}

#endif
