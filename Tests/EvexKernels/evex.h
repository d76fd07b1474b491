// Stands before a source of AVX-VNNI: the other encoding and other names.
#define VECTOR_FEATURES target("avx2,avx512vl,avx512vnni")
#define VECTOR_DOT_PAIRS _mm256_dpwssd_epi32
#define VECTOR_DOT_QUADS _mm256_dpbusd_epi32

#define kernels_qu8_gemm_6x16_avxvnni evex_gemm
#define kernels_qs16_attention_scratch_4x16_avxvnni evex_attention_scratch
#define kernels_qs16_attention_4x16_avxvnni evex_attention
