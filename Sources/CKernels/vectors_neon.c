#if defined(__ARM_NEON)
#include "vectors_neon.h"

#include "vector_convolve.h"
#include "vector_depthwise.h"
#include "vector_forms.h"
#endif
