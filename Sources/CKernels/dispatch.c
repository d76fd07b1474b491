#include "forms.h"

typedef struct {
  int (*is_supported)(void);
  kernels_table table;
} entry;

static int always(void) { return 1; }

#if defined(__x86_64__)
static int has_avx512_vnni(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vnni");
}

static int has_avx2(void) { return __builtin_cpu_supports("avx2"); }
#endif

/// The one list of tables, the widest first.
static const entry entries[] = {
#if defined(__x86_64__)
    {has_avx512_vnni,
     {.name = "avx512vnni",
      .quantize_rows = kernels_qs16_quantize_rows_avx2,
      .dequantize_rows = kernels_qu8_dequantize_rows_avx2,
      .gemm = kernels_qu8_gemm_12x32_avx512vnni,
      .gelu = kernels_qs16_gelu_avx2,
      .add = kernels_qs16_add_avx2,
      .layer_norm = kernels_qs16_layer_norm_avx2,
      .attention_scratch = kernels_qs16_attention_scratch_4x32_avx512vnni,
      .attention = kernels_qs16_attention_4x32_avx512vnni,
      .embedding = kernels_qs8_embedding_avx2,
      .mean_pool = kernels_qs16_mean_pool_avx2,
      .l2_normalize = kernels_qs16_l2_normalize_portable}},
    {has_avx2,
     {.name = "avx2",
      .quantize_rows = kernels_qs16_quantize_rows_avx2,
      .dequantize_rows = kernels_qu8_dequantize_rows_avx2,
      .gemm = kernels_qu8_gemm_2x32_avx2,
      .gelu = kernels_qs16_gelu_avx2,
      .add = kernels_qs16_add_avx2,
      .layer_norm = kernels_qs16_layer_norm_avx2,
      .attention_scratch = kernels_qs16_attention_scratch_4x16_avx2,
      .attention = kernels_qs16_attention_4x16_avx2,
      .embedding = kernels_qs8_embedding_avx2,
      .mean_pool = kernels_qs16_mean_pool_avx2,
      .l2_normalize = kernels_qs16_l2_normalize_portable}},
#endif
    {always,
     {.name = "portable",
      .quantize_rows = kernels_qs16_quantize_rows_portable,
      .dequantize_rows = kernels_qu8_dequantize_rows_portable,
      .gemm = kernels_qu8_gemm_2x16_portable,
      .gelu = kernels_qs16_gelu_portable,
      .add = kernels_qs16_add_portable,
      .layer_norm = kernels_qs16_layer_norm_portable,
      .attention_scratch = kernels_qs16_attention_scratch_portable,
      .attention = kernels_qs16_attention_portable,
      .embedding = kernels_qs8_embedding_portable,
      .mean_pool = kernels_qs16_mean_pool_portable,
      .l2_normalize = kernels_qs16_l2_normalize_portable}},
};

const kernels_table *kernels_available(size_t index) {
  for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
    if (entries[i].is_supported() && index-- == 0) return &entries[i].table;
  }
  return NULL;
}
