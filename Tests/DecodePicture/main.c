// Decodes the picture that comes in and writes its pixels, as rows of RGB: what tools/test-firmware compares on each processor.
#include "CMedia.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROOM = 1 << 20 }; // bytes of the file, and of its pixels

static media_result decode(const uint8_t *bytes, size_t count, uint8_t *rgb) {
  int is_png = count > 0 && bytes[0] == 0x89;
  media_result found = is_png ? media_png_size(bytes, count) : media_jpeg_size(bytes, count);
  if (found.status != MEDIA_DONE || 3ull * found.width * found.height > ROOM) return (media_result){MEDIA_EXCESSIVE, 0, 0, 0};
  return is_png ? media_png_rgb(bytes, count, found.width, found.height, rgb)
                : media_jpeg_rgb(bytes, count, found.width, found.height, rgb);
}

int main(void) {
  static uint8_t bytes[ROOM], rgb[ROOM];
  media_result result = decode(bytes, fread(bytes, 1, ROOM, stdin), rgb);
  size_t count = result.status == MEDIA_DONE ? 3 * (size_t)result.width * result.height : 0;
  return count > 0 && fwrite(rgb, 1, count, stdout) == count ? EXIT_SUCCESS : EXIT_FAILURE;
}
