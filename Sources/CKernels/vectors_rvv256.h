// The vocabulary of the vector forms for RISC-V's vectors of 256 bits or more: that of vectors_rvv.h with twice as many lanes.
#ifndef TRIBUTARY_CKERNELS_VECTORS_RVV256_H
#define TRIBUTARY_CKERNELS_VECTORS_RVV256_H

#define VECTOR_FEATURES target("arch=+v,+zvl256b")
#define VECTOR_FORM(kernel) kernels_##kernel##_rvv256
enum { vector_lanes = 8 };

#include "vectors_rvv.h"

#endif
