#if defined(__x86_64__)
#include "vectors_avx512vnni.h"

enum { dot_rows = 12, dot_blocks = 2 };

#include "vector_dot.h"

VECTOR_TARGET void kernels_qu8_gemm_12x32_avx512vnni(const kernels_gemm_arguments *g, size_t row_begin, size_t row_end,
                                                     size_t column_begin, size_t column_end) {
  dot_gemm(g, row_begin, row_end, column_begin, column_end);
}

#endif
