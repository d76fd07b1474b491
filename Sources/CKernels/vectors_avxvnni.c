// Only what dot products make faster: the other kernels are those of AVX2.
#if defined(__x86_64__)
#include "vectors_avxvnni.h"

#include "vector_attention.h"
#include "vector_depthwise.h"
#endif
