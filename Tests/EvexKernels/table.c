#include "EvexKernels.h"

#if defined(__x86_64__)
kernels_gemm evex_gemm;
kernels_attention_scratch evex_attention_scratch;
kernels_attention evex_attention;

kernels_table evex_kernels(kernels_table others) {
  others.name = "avxvnni as avx512vl";
  others.gemm = evex_gemm;
  others.attention_scratch = evex_attention_scratch;
  others.attention = evex_attention;
  return others;
}
#else
kernels_table evex_kernels(kernels_table others) { return others; }
#endif
