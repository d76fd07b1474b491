#include "EvexKernels.h"

#if defined(__x86_64__)
kernels_gemm kernels_qu8_gemm_evex;
kernels_convolve kernels_qu8_convolve_evex;
kernels_depthwise kernels_qu8_depthwise_evex;
kernels_attention_scratch kernels_qs16_attention_scratch_evex;
kernels_attention kernels_qs16_attention_evex;

kernels_table evex_kernels(kernels_table others) {
  others.name = "avxvnni as avx512vl";
  others.gemm = kernels_qu8_gemm_evex;
  others.convolve = kernels_qu8_convolve_evex;
  others.depthwise = kernels_qu8_depthwise_evex;
  others.attention_scratch = kernels_qs16_attention_scratch_evex;
  others.attention = kernels_qs16_attention_evex;
  return others;
}
#else
kernels_table evex_kernels(kernels_table others) { return others; }
#endif
