#include "forms.h"

typedef struct {
  int (*is_supported)(void);
  kernels_table table;
} entry;

static int always(void) { return 1; }

#if defined(__x86_64__)
#include <cpuid.h>

// Bits of cpuid's leaf 7 and of the register of states that the system saves. (Intel 64 manual, volume 1, 14.3 and 15.2)
enum { avx2 = 1 << 5, avx512f = 1 << 16, avx512dq = 1 << 17, avx512bw = 1 << 30, avx512vnni = 1 << 11, osxsave = 1 << 27 };
enum { avxvnni = 1 << 4 };
static const unsigned avx512vl = 1u << 31;
enum { states_avx = 0x06, states_avx512 = 0xE6 };

/// Whether the processor has the features of leaf 7 (registers ebx and ecx) and the system saves the states.
static int has(unsigned ebx, unsigned ecx, unsigned states) {
  unsigned a, b, c, d, low, high;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & osxsave)) return 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  if ((low & states) != states || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
  return (b & ebx) == ebx && (c & ecx) == ecx;
}

static int has_avx512_vnni(void) { return has(avx2 | avx512f | avx512dq | avx512bw | avx512vl, avx512vnni, states_avx512); }

static int has_avx2(void) { return has(avx2, 0, states_avx); }

/// Its bit stands in the second part of leaf 7, register eax.
static int has_avx_vnni(void) {
  unsigned a, b, c, d;
  return has_avx2() && __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & avxvnni);
}
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
    {has_avx_vnni,
     {.name = "avxvnni",
      .quantize_rows = kernels_qs16_quantize_rows_avx2,
      .dequantize_rows = kernels_qu8_dequantize_rows_avx2,
      .gemm = kernels_qu8_gemm_6x16_avxvnni,
      .gelu = kernels_qs16_gelu_avx2,
      .add = kernels_qs16_add_avx2,
      .layer_norm = kernels_qs16_layer_norm_avx2,
      .attention_scratch = kernels_qs16_attention_scratch_4x16_avxvnni,
      .attention = kernels_qs16_attention_4x16_avxvnni,
      .embedding = kernels_qs8_embedding_avx2,
      .mean_pool = kernels_qs16_mean_pool_avx2,
      .l2_normalize = kernels_qs16_l2_normalize_portable}},
    {has_avx2,
     {.name = "avx2",
      .quantize_rows = kernels_qs16_quantize_rows_avx2,
      .dequantize_rows = kernels_qu8_dequantize_rows_avx2,
      .gemm = kernels_qu8_gemm_2x16_avx2,
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
