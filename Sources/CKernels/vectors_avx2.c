#if defined(__x86_64__)
#include "vectors_avx2.h"

#include "vector_convolve.h"
#include "vector_depthwise.h"
#include "vector_forms.h"
#endif
