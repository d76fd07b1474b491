#include "evex.h"

#include "../../Sources/CKernels/vectors_avxvnni.c"
