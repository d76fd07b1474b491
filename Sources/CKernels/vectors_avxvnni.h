// The vocabulary of the vector forms for AVX-VNNI: that of AVX2 with dot products. Tests define the macros first, to build the same forms
// in another encoding.
#ifndef TRIBUTARY_CKERNELS_VECTORS_AVXVNNI_H
#define TRIBUTARY_CKERNELS_VECTORS_AVXVNNI_H

#ifndef VECTOR_FEATURES
#define VECTOR_FEATURES target("avx2,avxvnni")
#define VECTOR_FORM(kernel) kernels_##kernel##_avxvnni
#define VECTOR_DOT_PAIRS _mm256_dpwssd_avx_epi32
#define VECTOR_DOT_QUADS _mm256_dpbusd_avx_epi32
#endif

#include "vectors_avx2.h"

#endif
