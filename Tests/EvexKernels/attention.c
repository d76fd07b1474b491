#include "evex.h"

#include "../../Sources/CKernels/qs16_attention_4x16_avxvnni.c"
