// Every form of every kernel. A set is `portable` or one of the instruction sets of vectors_*.h.
#ifndef TRIBUTARY_CKERNELS_FORMS_H
#define TRIBUTARY_CKERNELS_FORMS_H

#include "common.h"

/// The kernels that every set has, by the same names.
#define KERNELS_FORMS(set)                                   \
  kernels_quantize_rows kernels_qs16_quantize_rows_##set;     \
  kernels_dequantize_rows kernels_qu8_dequantize_rows_##set;  \
  kernels_convolve kernels_qu8_convolve_##set;                \
  kernels_depthwise kernels_qu8_depthwise_##set;              \
  kernels_activate kernels_qs16_activate_##set;               \
  kernels_add kernels_qs16_add_##set;                         \
  kernels_encode kernels_qs16_encode_##set;                   \
  kernels_positions kernels_qs16_positions_##set;             \
  kernels_channel_norm kernels_qs16_channel_norm_##set;       \
  kernels_layer_norm kernels_qs16_layer_norm_##set;           \
  kernels_attention_scratch kernels_qs16_attention_scratch_##set; \
  kernels_attention kernels_qs16_attention_##set;             \
  kernels_embedding kernels_qs8_embedding_##set;              \
  kernels_mean_pool kernels_qs16_mean_pool_##set;             \
  kernels_weigh_block kernels_qs8_weigh_block_##set;

KERNELS_FORMS(portable)
kernels_gemm kernels_qu8_gemm_2x16_portable;
kernels_max_pool kernels_qs16_max_pool_portable;
kernels_route kernels_qs16_route_portable;
kernels_l2_normalize kernels_qs16_l2_normalize_portable;

#if defined(__x86_64__)
KERNELS_FORMS(avx2)
kernels_gemm kernels_qu8_gemm_2x16_avx2;
kernels_gemm kernels_qu8_gemm_2x32_avx2;

kernels_gemm kernels_qu8_gemm_6x16_avxvnni;
kernels_convolve kernels_qu8_convolve_avxvnni;
kernels_depthwise kernels_qu8_depthwise_avxvnni;
kernels_attention_scratch kernels_qs16_attention_scratch_avxvnni;
kernels_attention kernels_qs16_attention_avxvnni;

KERNELS_FORMS(avx512vnni)
kernels_gemm kernels_qu8_gemm_12x32_avx512vnni;
#endif

#if defined(__riscv)
KERNELS_FORMS(rvv)
kernels_gemm kernels_qu8_gemm_6x8_rvv;

KERNELS_FORMS(rvv256)
kernels_gemm kernels_qu8_gemm_6x16_rvv256;
#endif

#if defined(__ARM_NEON)
KERNELS_FORMS(neon)
#if defined(__aarch64__)
kernels_gemm kernels_qu8_gemm_4x8_neon;
kernels_gemm kernels_qu8_gemm_4x16_neondot;
kernels_gemm kernels_qu8_gemm_8x8_neoni8mm;
#else
kernels_gemm kernels_qu8_gemm_2x8_neon;
#endif
#endif

#endif
