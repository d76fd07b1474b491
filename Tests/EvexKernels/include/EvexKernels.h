// The AVX-VNNI forms in the encoding of AVX-512, which more machines run: their sources once more, under other names. Only tests use them.
#ifndef TRIBUTARY_EVEX_KERNELS_H
#define TRIBUTARY_EVEX_KERNELS_H

#include "CKernels.h"

/// The kernels of a table, with these forms in place of its own.
kernels_table evex_kernels(kernels_table others);

#endif
