#include "CMedia.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

enum {
  SCAN_LIMIT = 100,        // passes over the picture: real encoders write ten or so
  SPARE_MEMORY = 16 << 20, // bytes that libjpeg may take besides those that the picture's size explains
};

// One decompression. The parts that libjpeg knows stand first, so that its pointers to them are pointers to this.
typedef struct {
  struct jpeg_error_mgr errors;
  struct jpeg_source_mgr source;
  struct jpeg_progress_mgr progress;
  struct jpeg_decompress_struct jpeg;
  jmp_buf failed;
  media_result result;
} decoder;

static decoder *decoder_of(j_common_ptr jpeg) { return (decoder *)jpeg->client_data; }

static void fail(j_common_ptr jpeg, media_status status) {
  decoder *d = decoder_of(jpeg);
  d->result.status = status;
  d->result.code = d->errors.msg_code;
  longjmp(d->failed, 1);
}

static media_status status_of(int code) {
  switch (code) {
  case JERR_ARITH_NOTIMPL:
  case JERR_BAD_PRECISION:
  case JERR_CCIR601_NOTIMPL:
  case JERR_COMPONENT_COUNT:
  case JERR_CONVERSION_NOTIMPL:
  case JERR_FRACT_SAMPLE_NOTIMPL:
  case JERR_SOF_UNSUPPORTED: return MEDIA_UNSUPPORTED;
  case JERR_NO_BACKING_STORE:
  case JERR_OUT_OF_MEMORY: return MEDIA_EXCESSIVE;
  case JERR_INPUT_EOF: return MEDIA_TRUNCATED;
  default: return MEDIA_DAMAGED;
  }
}

static void on_error(j_common_ptr jpeg) { fail(jpeg, status_of(decoder_of(jpeg)->errors.msg_code)); }

// libjpeg goes on after a warning (level below 0) with made-up data. Harmless are only those that tell of oddities beside the picture.
static void on_message(j_common_ptr jpeg, int level) {
  int code = decoder_of(jpeg)->errors.msg_code;
  int harmless = code == JWRN_ADOBE_XFORM || code == JWRN_EXTRANEOUS_DATA || code == JWRN_JFIF_MAJOR;
  if (level < 0 && !harmless) fail(jpeg, MEDIA_DAMAGED);
}

static void say_nothing(j_common_ptr jpeg) { (void)jpeg; }

static void format_nothing(j_common_ptr jpeg, char *text) {
  (void)jpeg;
  text[0] = 0;
}

static void on_source(j_decompress_ptr jpeg) { (void)jpeg; }

static boolean on_end_of_bytes(j_decompress_ptr jpeg) {
  fail((j_common_ptr)jpeg, MEDIA_TRUNCATED);
  return FALSE;
}

static void skip(j_decompress_ptr jpeg, long count) {
  if (count <= 0) return;
  if ((size_t)count > jpeg->src->bytes_in_buffer) fail((j_common_ptr)jpeg, MEDIA_TRUNCATED);
  jpeg->src->next_input_byte += count;
  jpeg->src->bytes_in_buffer -= (size_t)count;
}

static void on_progress(j_common_ptr jpeg) {
  if (((j_decompress_ptr)jpeg)->input_scan_number > SCAN_LIMIT) fail(jpeg, MEDIA_EXCESSIVE);
}

// Sets everything up but the picture. What libjpeg allocates is freed by jpeg_destroy_decompress.
static void prepare(decoder *d, const uint8_t *bytes, size_t count) {
  memset(d, 0, sizeof *d);
  d->errors.error_exit = on_error;
  d->errors.emit_message = on_message;
  d->errors.output_message = say_nothing;
  d->errors.format_message = format_nothing;
  d->errors.reset_error_mgr = say_nothing;
  d->source.next_input_byte = bytes;
  d->source.bytes_in_buffer = count;
  d->source.init_source = on_source;
  d->source.fill_input_buffer = on_end_of_bytes;
  d->source.skip_input_data = skip;
  d->source.resync_to_restart = jpeg_resync_to_restart;
  d->source.term_source = on_source;
  d->progress.progress_monitor = on_progress;
  d->jpeg.err = &d->errors;
  d->jpeg.client_data = d;
}

static void open_header(decoder *d) {
  struct jpeg_decompress_struct *jpeg = &d->jpeg;
  jpeg_create_decompress(jpeg);
  jpeg->src = &d->source;
  jpeg->progress = &d->progress;
  jpeg_read_header(jpeg, TRUE);
  d->result.width = jpeg->image_width;
  d->result.height = jpeg->image_height;
}

// a × b ÷ 255, rounded to nearest, for factors up to 255.
static uint8_t product(unsigned a, unsigned b) {
  unsigned scaled = a * b + 128;
  return (uint8_t)((scaled + (scaled >> 8)) >> 8);
}

// Each value of `cmyk` is inverted: 255 is no ink.
static void rgb_of_cmyk(const uint8_t *cmyk, uint8_t *rgb, uint32_t width) {
  for (uint32_t x = 0; x < width; x++) {
    unsigned white = cmyk[4 * x + 3];
    for (int c = 0; c < 3; c++) rgb[3 * x + c] = (uint8_t)(white - product(255 - cmyk[4 * x + c], white));
  }
}

static void read_rows(struct jpeg_decompress_struct *jpeg, uint8_t *rgb) {
  size_t width = jpeg->output_width;
  JSAMPARRAY cmyk = NULL;
  if (jpeg->out_color_space == JCS_CMYK) {
    cmyk = jpeg->mem->alloc_sarray((j_common_ptr)jpeg, JPOOL_IMAGE, (JDIMENSION)(4 * width), 1);
  }
  while (jpeg->output_scanline < jpeg->output_height) {
    JSAMPROW row = rgb + 3 * width * jpeg->output_scanline;
    if (jpeg_read_scanlines(jpeg, cmyk ? cmyk : &row, 1) == 1 && cmyk) rgb_of_cmyk(cmyk[0], row, (uint32_t)width);
  }
}

static void decode(decoder *d, uint32_t width, uint32_t height, uint8_t *rgb) {
  struct jpeg_decompress_struct *jpeg = &d->jpeg;
  open_header(d);
  if (d->result.width != width || d->result.height != height) fail((j_common_ptr)jpeg, MEDIA_DAMAGED);
  jpeg->out_color_space = jpeg->num_components == 4 ? JCS_CMYK : JCS_RGB;
  // A progressive picture holds its coefficients: 2 bytes for each of up to 4 components, sizes rounded up to blocks.
  jpeg->mem->max_memory_to_use = (long)(SPARE_MEMORY + 10 * ((size_t)width + 32) * ((size_t)height + 32));
  jpeg_start_decompress(jpeg);
  read_rows(jpeg, rgb);
  jpeg_finish_decompress(jpeg);
}

// The decoder lives in the caller's frame: what longjmp leaves of this one is only its arguments.
static media_result attempt(decoder *d, uint32_t width, uint32_t height, uint8_t *rgb) {
  if (setjmp(d->failed) == 0) {
    if (rgb) decode(d, width, height, rgb);
    else open_header(d);
  }
  jpeg_destroy_decompress(&d->jpeg);
  return d->result;
}

media_result media_jpeg_size(const uint8_t *bytes, size_t count) {
  decoder d;
  prepare(&d, bytes, count);
  return attempt(&d, 0, 0, NULL);
}

media_result media_jpeg_rgb(const uint8_t *bytes, size_t count, uint32_t width, uint32_t height, uint8_t *rgb) {
  decoder d;
  prepare(&d, bytes, count);
  return attempt(&d, width, height, rgb);
}
