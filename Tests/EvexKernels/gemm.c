#include "evex.h"

#include "../../Sources/CKernels/qu8_gemm_6x16_avxvnni.c"
