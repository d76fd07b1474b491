#if defined(__x86_64__)
#include "vectors_avx2.h"

#include "forms.h"
#include "vector_channel_norm.h"

VECTOR_TARGET void kernels_qs16_channel_norm_avx2(const kernels_channel_norm_arguments *arguments) { channel_norm(arguments); }

#endif
