#if defined(__riscv)
#include "vectors_rvv.h"

#include "rvv_gemm.h"

VECTOR_TARGET void kernels_qu8_gemm_6x8_rvv(const kernels_gemm_arguments *g, size_t row_begin, size_t row_end, size_t column_begin,
                                            size_t column_end) {
  compute(g, row_begin, row_end, column_begin, column_end);
}

#endif
