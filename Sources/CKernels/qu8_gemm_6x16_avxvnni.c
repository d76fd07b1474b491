#if defined(__x86_64__)
#include "vectors_avxvnni.h"

enum { dot_rows = 6, dot_blocks = 1 };

#include "vector_dot.h"

VECTOR_TARGET void kernels_qu8_gemm_6x16_avxvnni(const kernels_gemm_arguments *g, size_t row_begin, size_t row_end,
                                                 size_t column_begin, size_t column_end) {
  dot_gemm(g, row_begin, row_end, column_begin, column_end);
}

#endif
