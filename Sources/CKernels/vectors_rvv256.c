#if defined(__riscv)
#include "vectors_rvv256.h"

#include "rvv_convolve.h"
#include "rvv_depthwise.h"
#include "vector_forms.h"
#endif
