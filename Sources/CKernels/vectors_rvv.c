#if defined(__riscv)
#include "vectors_rvv.h"

#include "rvv_convolve.h"
#include "rvv_depthwise.h"
#include "vector_forms.h"
#endif
