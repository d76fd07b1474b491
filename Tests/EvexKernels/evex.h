// Stands before a source of AVX-VNNI: the other encoding and another name.
#define VECTOR_FEATURES target("avx2,avx512vl,avx512vnni")
#define VECTOR_FORM(kernel) kernels_##kernel##_evex
#define VECTOR_DOT_PAIRS _mm256_dpwssd_epi32
#define VECTOR_DOT_QUADS _mm256_dpbusd_epi32

#define kernels_qu8_gemm_6x16_avxvnni kernels_qu8_gemm_evex
