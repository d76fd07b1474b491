#if defined(__x86_64__)
#include "vectors_avx512vnni.h"

#include "vector_depthwise.h"
#include "vector_forms.h"
#endif
