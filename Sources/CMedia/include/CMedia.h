// Decoding of JPEG and PNG from memory with libjpeg-turbo and zlib. Errors are values.
#ifndef TRIBUTARY_CMEDIA_H
#define TRIBUTARY_CMEDIA_H

#include <stddef.h>
#include <stdint.h>

/// How a call ended.
typedef enum {
  MEDIA_DONE,
  /// The bytes end before the picture does.
  MEDIA_TRUNCATED,
  /// The bytes break the rules of the format.
  MEDIA_DAMAGED,
  /// A kind of picture that is not decoded here.
  MEDIA_UNSUPPORTED,
  /// More work or memory than a picture of that size needs.
  MEDIA_EXCESSIVE,
} media_status;

/// What a call found. The size is set where `status` is MEDIA_DONE; `code` is libjpeg's number of the message otherwise, or 0.
typedef struct {
  media_status status;
  int32_t code;
  uint32_t width;
  uint32_t height;
} media_result;

/// Reads the size of a JPEG picture from its header. Allocates a few kilobytes whatever the header says.
media_result media_jpeg_size(const uint8_t *bytes, size_t count);

/// Decodes a JPEG picture of `width` × `height`, as `media_jpeg_size` gave them, into rows of RGB without gaps: 3 × width × height bytes.
/// Grey becomes RGB; CMYK is read inverted, as Adobe writes it. What cannot be decoded whole is an error, and `rgb` then undefined.
media_result media_jpeg_rgb(const uint8_t *bytes, size_t count, uint32_t width, uint32_t height, uint8_t *rgb);

/// Reads the size of a PNG picture from its header.
media_result media_png_size(const uint8_t *bytes, size_t count);

/// Decodes a PNG picture of `width` × `height`, as `media_png_size` gave them, into rows of RGB without gaps: 3 × width × height bytes.
/// Grey and palettes become RGB, samples of 16 bits keep their high byte; alpha, gamma and all else that is optional is dropped.
media_result media_png_rgb(const uint8_t *bytes, size_t count, uint32_t width, uint32_t height, uint8_t *rgb);

#endif
