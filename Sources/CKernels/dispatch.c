#include "forms.h"

typedef struct {
  int (*is_supported)(void);
  kernels_table table;
} entry;

static int always(void) { return 1; }

/// The one list of tables, the widest first.
static const entry entries[] = {
    {always,
     {.name = "portable",
      .quantize_rows = kernels_qs16_quantize_rows_portable,
      .dequantize_rows = kernels_qu8_dequantize_rows_portable,
      .gemm = kernels_qu8_gemm_4x16_portable,
      .gelu = kernels_qs16_gelu_portable,
      .add = kernels_qs16_add_portable,
      .layer_norm = kernels_qs16_layer_norm_portable,
      .attention_scratch = kernels_qs16_attention_scratch_portable,
      .attention = kernels_qs16_attention_portable,
      .embedding = kernels_qs8_embedding_portable,
      .mean_pool = kernels_qs16_mean_pool_portable,
      .l2_normalize = kernels_qs16_l2_normalize_portable}},
};

const kernels_table *kernels_available(size_t index) {
  for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
    if (entries[i].is_supported() && index-- == 0) return &entries[i].table;
  }
  return NULL;
}
