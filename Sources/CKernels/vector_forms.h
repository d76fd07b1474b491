// Every form that is written once in the words of vectors_*.h and no set has another of, for the one file an instruction set that includes
// those words before this.
#ifndef TRIBUTARY_CKERNELS_VECTOR_FORMS_H
#define TRIBUTARY_CKERNELS_VECTOR_FORMS_H

#include "vector_activate.h"
#include "vector_add.h"
#include "vector_attention.h"
#include "vector_channel_norm.h"
#include "vector_embedding.h"
#include "vector_encode.h"
#include "vector_layer_norm.h"
#include "vector_mean_pool.h"
#include "vector_positions.h"
#include "vector_quantize_rows.h"
#include "vector_weigh_block.h"

#endif
