// Which vector code libjpeg's decoder runs: SSE2 on x86-64, NEON on Arm, which every such device has. It stands for the library's own
// choice, which asks the processor and the environment, and refers to the encoder's code too.
#define JPEG_INTERNALS
#include "jinclude.h"
#include "jpeglib.h"
#include "jsimd.h"
#include "jdct.h"
#include "jsimddct.h"
#include "simd/jsimd.h"

#ifdef __x86_64__
#define VECTOR(name) jsimd_##name##_sse2
#else
#define VECTOR(name) jsimd_##name##_neon
#endif

void jsimd_ycc_rgb_convert(j_decompress_ptr jpeg, JSAMPIMAGE input, JDIMENSION row, JSAMPARRAY output, int rows) {
  VECTOR(ycc_rgb_convert)(jpeg->output_width, input, row, output, rows);
}

void jsimd_h2v1_upsample(j_decompress_ptr jpeg, jpeg_component_info *part, JSAMPARRAY input, JSAMPARRAY *output) {
  VECTOR(h2v1_upsample)(jpeg->max_v_samp_factor, jpeg->output_width, input, output);
  (void)part;
}

void jsimd_h2v2_upsample(j_decompress_ptr jpeg, jpeg_component_info *part, JSAMPARRAY input, JSAMPARRAY *output) {
  VECTOR(h2v2_upsample)(jpeg->max_v_samp_factor, jpeg->output_width, input, output);
  (void)part;
}

void jsimd_h2v1_fancy_upsample(j_decompress_ptr jpeg, jpeg_component_info *part, JSAMPARRAY input, JSAMPARRAY *output) {
  VECTOR(h2v1_fancy_upsample)(jpeg->max_v_samp_factor, part->downsampled_width, input, output);
}

void jsimd_h2v2_fancy_upsample(j_decompress_ptr jpeg, jpeg_component_info *part, JSAMPARRAY input, JSAMPARRAY *output) {
  VECTOR(h2v2_fancy_upsample)(jpeg->max_v_samp_factor, part->downsampled_width, input, output);
}

void jsimd_idct_islow(j_decompress_ptr jpeg, jpeg_component_info *part, JCOEFPTR block, JSAMPARRAY output, JDIMENSION column) {
  (void)jpeg;
  VECTOR(idct_islow)(part->dct_table, block, output, column);
}
