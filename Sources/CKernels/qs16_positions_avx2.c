#if defined(__x86_64__)
#include "vectors_avx2.h"

#include "forms.h"
#include "vector_positions.h"

VECTOR_TARGET void kernels_qs16_positions_avx2(const kernels_positions_arguments *arguments, size_t begin, size_t end) {
  positions(arguments, begin, end);
}

#endif
