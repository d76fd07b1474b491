#if defined(__x86_64__)
#include "vectors_avx2.h"

#include "vector_depthwise.h"

VECTOR_TARGET void kernels_qu8_depthwise_avx2(const kernels_convolution_arguments *arguments, size_t begin, size_t end) {
  depthwise(arguments, begin, end);
}

#endif
