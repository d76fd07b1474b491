#include "CMedia.h"

#include <setjmp.h>
#include <string.h>

#include <png.h>

enum { CHUNK_LIMIT = 8 << 20 }; // bytes of a chunk that libpng may keep

// One reading of a file.
typedef struct {
  png_structp png;
  png_infop info;
  const uint8_t *bytes;
  size_t left;
  jmp_buf failed;
  media_result result;
} reader;

static void fail(reader *r, media_status status) {
  r->result.status = status;
  longjmp(r->failed, 1);
}

static void on_error(png_structp png, png_const_charp message) {
  (void)message;
  fail(png_get_error_ptr(png), MEDIA_DAMAGED);
}

static void on_warning(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static void on_read(png_structp png, png_bytep target, size_t count) {
  reader *r = png_get_io_ptr(png);
  if (count > r->left) fail(r, MEDIA_TRUNCATED);
  memcpy(target, r->bytes, count);
  r->bytes += count;
  r->left -= count;
}

static void open_header(reader *r) {
  r->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, r, on_error, on_warning);
  r->info = r->png ? png_create_info_struct(r->png) : NULL;
  if (!r->info) fail(r, MEDIA_EXCESSIVE);
  png_set_read_fn(r->png, r, on_read);
  png_set_user_limits(r->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_chunk_malloc_max(r->png, CHUNK_LIMIT);
  png_set_keep_unknown_chunks(r->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_read_info(r->png, r->info);
  r->result.width = png_get_image_width(r->png, r->info);
  r->result.height = png_get_image_height(r->png, r->info);
}

static void decode(reader *r, uint32_t width, uint32_t height, uint8_t *rgb) {
  open_header(r);
  if (r->result.width != width || r->result.height != height) fail(r, MEDIA_DAMAGED);
  png_set_expand(r->png);
  png_set_strip_16(r->png);
  png_set_gray_to_rgb(r->png);
  png_set_strip_alpha(r->png);
  int passes = png_set_interlace_handling(r->png);
  png_read_update_info(r->png, r->info);
  size_t stride = 3 * (size_t)width;
  if (png_get_rowbytes(r->png, r->info) != stride) fail(r, MEDIA_UNSUPPORTED);
  for (int pass = 0; pass < passes; pass++) {
    for (size_t y = 0; y < height; y++) png_read_row(r->png, rgb + stride * y, NULL);
  }
  png_read_end(r->png, NULL);
}

// The reader lives in the caller's frame: what longjmp leaves of this one is only its arguments.
static media_result attempt(reader *r, uint32_t width, uint32_t height, uint8_t *rgb) {
  if (setjmp(r->failed) == 0) {
    if (rgb) decode(r, width, height, rgb);
    else open_header(r);
  }
  png_destroy_read_struct(&r->png, &r->info, NULL);
  return r->result;
}

media_result media_png_size(const uint8_t *bytes, size_t count) {
  reader r = {.bytes = bytes, .left = count};
  return attempt(&r, 0, 0, NULL);
}

media_result media_png_rgb(const uint8_t *bytes, size_t count, uint32_t width, uint32_t height, uint8_t *rgb) {
  reader r = {.bytes = bytes, .left = count};
  return attempt(&r, width, height, rgb);
}
