#if defined(__x86_64__)
#include "vectors_avxvnni.h"

#include "forms.h"
#include "vector_attention.h"

size_t kernels_qs16_attention_scratch_4x16_avxvnni(size_t sequence, size_t head_width) {
  return attention_scratch(sequence, head_width);
}

VECTOR_TARGET void kernels_qs16_attention_4x16_avxvnni(const kernels_attention_arguments *arguments, size_t head, size_t row_begin,
                                                       size_t row_end, void *scratch) {
  attention(arguments, head, row_begin, row_end, scratch);
}

#endif
