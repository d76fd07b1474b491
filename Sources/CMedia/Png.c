// PNG as its third edition describes it: the chunks of a file, the filtered lines in their compressed data, and the pixels in a line.
#include "CMedia.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#define NAME(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

enum {
  SIGNATURE = 8,           // bytes before the first chunk
  AROUND = 12,             // bytes of a chunk besides its contents: length, name and check sum
  SIDE_LIMIT = 0x7FFFFFFF, // the largest width, height and length of a chunk
  LINE_LIMIT = 0x3FFFFFFF, // bytes of a line, so that two are addressable everywhere
  PALETTE_BYTES = 3 * 256, // of the longest palette
  PASSES = 7,              // of an interlaced picture
};

// The types of colour.
enum { GREY = 0, RGB = 2, INDEXED = 3, GREY_ALPHA = 4, RGBA = 6 };

// One reading of a file. What can fail returns whether it did not; `result` then tells why.
typedef struct {
  const uint8_t *bytes; // behind the chunk
  size_t left;
  uint32_t name; // the chunk
  const uint8_t *contents;
  uint32_t count;
  uint8_t type, depth, interlaced;
  unsigned pixel_bits;
  bool has_palette;
  uint8_t colours[PALETTE_BYTES]; // of the values in a line, where these are no colours themselves
  uint8_t *line, *above;          // the type of the filter, then packed pixels
  z_stream stream;
  bool ended; // the stream
  media_result result;
} reader;

// One pass over the pixels (x0 + i·dx, y0 + j·dy).
typedef struct {
  uint32_t x0, y0, dx, dy;
} pass;

static const pass whole = {0, 0, 1, 1};
static const pass adam7[PASSES] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};

static bool fail(reader *r, media_status status) {
  r->result.status = status;
  return false;
}

static bool require(reader *r, bool sound) { return sound || fail(r, MEDIA_DAMAGED); }

static uint32_t number(const uint8_t *bytes) { return NAME(bytes[0], bytes[1], bytes[2], bytes[3]); }

// CRC-32 four bits at a time: zlib's has 13 kB of tables.
static uint32_t check_sum(const uint8_t *bytes, size_t count) {
  static const uint32_t steps[16] = {0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
                                     0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};
  uint32_t sum = UINT32_MAX;
  for (size_t i = 0; i < count; i++) {
    sum ^= bytes[i];
    sum = sum >> 4 ^ steps[sum & 15];
    sum = sum >> 4 ^ steps[sum & 15];
  }
  return ~sum;
}

static bool is_name(const uint8_t *bytes) {
  for (int i = 0; i < 4; i++) {
    uint8_t letter = bytes[i] & 0xDF;
    if (letter < 'A' || letter > 'Z') return false;
  }
  return true;
}

// Goes on to the next chunk, which is there as a whole and is what was written.
static bool read_chunk(reader *r) {
  if (r->left < AROUND) return fail(r, MEDIA_TRUNCATED);
  const uint8_t *chunk = r->bytes;
  r->count = number(chunk);
  if (r->count > SIDE_LIMIT || !is_name(chunk + 4)) return fail(r, MEDIA_DAMAGED);
  if (r->left - AROUND < r->count) return fail(r, MEDIA_TRUNCATED);
  r->name = number(chunk + 4);
  r->contents = chunk + 8;
  r->bytes += AROUND + (size_t)r->count;
  r->left -= AROUND + (size_t)r->count;
  return require(r, check_sum(chunk + 4, 4 + (size_t)r->count) == number(r->contents + r->count));
}

// Whether a chunk may be left unread: those that a reader need not know have a small first letter.
static bool is_skipped(uint32_t name) {
  return (name & NAME(0x20, 0, 0, 0)) != 0 || name == NAME('P', 'L', 'T', 'E') || name == NAME('I', 'D', 'A', 'T');
}

static bool has_depth(uint8_t type, uint8_t depth) {
  switch (type) {
  case GREY: return depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
  case INDEXED: return depth == 1 || depth == 2 || depth == 4 || depth == 8;
  case RGB:
  case GREY_ALPHA:
  case RGBA: return depth == 8 || depth == 16;
  default: return false;
  }
}

static bool open_header(reader *r) {
  static const uint8_t signature[SIGNATURE] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  static const uint8_t samples[] = {[GREY] = 1, [RGB] = 3, [INDEXED] = 1, [GREY_ALPHA] = 2, [RGBA] = 4};
  if (r->left < SIGNATURE) return fail(r, MEDIA_TRUNCATED);
  if (memcmp(r->bytes, signature, SIGNATURE) != 0) return fail(r, MEDIA_DAMAGED);
  r->bytes += SIGNATURE;
  r->left -= SIGNATURE;
  if (!read_chunk(r)) return false;
  if (r->name != NAME('I', 'H', 'D', 'R') || r->count != 13) return fail(r, MEDIA_DAMAGED);
  const uint8_t *header = r->contents;
  uint32_t width = number(header), height = number(header + 4);
  r->depth = header[8], r->type = header[9], r->interlaced = header[12];
  if (width - 1 >= SIDE_LIMIT || height - 1 >= SIDE_LIMIT || !has_depth(r->type, r->depth)) return fail(r, MEDIA_DAMAGED);
  if (header[10] != 0 || header[11] != 0 || r->interlaced > 1) return fail(r, MEDIA_DAMAGED);
  r->pixel_bits = (unsigned)samples[r->type] * r->depth;
  r->result.width = width;
  r->result.height = height;
  return true;
}

static bool read_palette(reader *r) {
  if (r->has_palette || r->count == 0 || r->count > PALETTE_BYTES || r->count % 3 != 0) return fail(r, MEDIA_DAMAGED);
  memcpy(r->colours, r->contents, r->count);
  return r->has_palette = true;
}

// Goes on to the first chunk with compressed data.
static bool find_data(reader *r) {
  while (read_chunk(r)) {
    if (r->name == NAME('I', 'D', 'A', 'T')) return require(r, r->has_palette || r->type != INDEXED);
    if (!is_skipped(r->name)) return fail(r, MEDIA_DAMAGED);
    if (r->name == NAME('P', 'L', 'T', 'E') && r->type == INDEXED && !read_palette(r)) return false;
  }
  return false;
}

// The colours of grey values of less than a byte.
static void set_greys(reader *r) {
  unsigned last = (1u << r->depth) - 1;
  for (unsigned value = 0; value <= last; value++) memset(r->colours + 3 * value, (int)(value * 255 / last), 3);
}

// Gives the compressed data of a chunk to the stream.
static void feed(reader *r) {
  r->stream.next_in = (Bytef *)r->contents;
  r->stream.avail_in = r->count;
}

// Fills a buffer from the stream, which may end before the buffer is full.
static bool inflate_bytes(reader *r, uint8_t *target, size_t count) {
  r->stream.next_out = target;
  r->stream.avail_out = (uInt)count;
  while (r->stream.avail_out > 0 && !r->ended) {
    if (r->stream.avail_in == 0) {
      if (!read_chunk(r)) return false;
      if (r->name != NAME('I', 'D', 'A', 'T')) return fail(r, MEDIA_DAMAGED);
      feed(r);
      continue;
    }
    int code = inflate(&r->stream, Z_NO_FLUSH);
    if (code == Z_MEM_ERROR) return fail(r, MEDIA_EXCESSIVE);
    if (code != Z_OK && code != Z_STREAM_END) return fail(r, MEDIA_DAMAGED);
    r->ended = code == Z_STREAM_END;
  }
  return true;
}

static uint8_t paeth(int left, int above, int corner) {
  int guess = left + above - corner;
  int to_left = abs(guess - left), to_above = abs(guess - above), to_corner = abs(guess - corner);
  if (to_left <= to_above && to_left <= to_corner) return (uint8_t)left;
  return (uint8_t)(to_above <= to_corner ? above : corner);
}

// Undoes the filter of `count` bytes; a pixel has `step`, or is less than a byte. Before the first pixel all is 0.
static bool undo_filter(int filter, uint8_t *line, const uint8_t *above, size_t count, size_t step) {
  size_t i = 0;
  switch (filter) {
  case 0: break;
  case 1:
    for (i = step; i < count; i++) line[i] += line[i - step];
    break;
  case 2:
    for (; i < count; i++) line[i] += above[i];
    break;
  case 3:
    for (; i < step && i < count; i++) line[i] += above[i] / 2;
    for (; i < count; i++) line[i] += (uint8_t)((line[i - step] + above[i]) / 2);
    break;
  case 4:
    for (; i < step && i < count; i++) line[i] += above[i];
    for (; i < count; i++) line[i] += paeth(line[i - step], above[i], above[i - step]);
    break;
  default: return false;
  }
  return true;
}

// Reads the next line, of `count` bytes besides the filter's type.
static bool read_line(reader *r, size_t count) {
  uint8_t *line = r->above;
  r->above = r->line;
  r->line = line;
  if (!inflate_bytes(r, line, 1 + count)) return false;
  if (r->stream.avail_out > 0) return fail(r, MEDIA_DAMAGED);
  return require(r, undo_filter(line[0], line + 1, r->above + 1, count, (r->pixel_bits + 7) / 8));
}

// Writes the line's `count` pixels, each `step` bytes behind the one before.
static void write_pixels(const reader *r, size_t count, size_t step, uint8_t *rgb) {
  const uint8_t *line = r->line + 1;
  if (r->type == INDEXED || r->depth < 8) {
    unsigned depth = r->depth, mask = (1u << depth) - 1;
    for (size_t x = 0; x < count; x++, rgb += step) {
      size_t bit = x * depth;
      memcpy(rgb, r->colours + 3 * (line[bit / 8] >> (8 - depth - bit % 8) & mask), 3);
    }
    return;
  }
  size_t sample = (r->type & RGB) != 0 ? r->depth / 8 : 0, pixel = r->pixel_bits / 8;
  for (size_t x = 0; x < count; x++, rgb += step, line += pixel) {
    rgb[0] = line[0];
    rgb[1] = line[sample];
    rgb[2] = line[2 * sample];
  }
}

static size_t line_bytes(const reader *r, uint32_t pixels) { return (size_t)(((uint64_t)pixels * r->pixel_bits + 7) / 8); }

static bool read_pass(reader *r, const pass *p, uint8_t *rgb) {
  uint32_t width = r->result.width, height = r->result.height;
  if (width <= p->x0 || height <= p->y0) return true;
  uint32_t pixels = (width - p->x0 - 1) / p->dx + 1;
  size_t count = line_bytes(r, pixels);
  memset(r->line, 0, 1 + count);
  for (uint32_t y = p->y0; y < height; y += p->dy) {
    if (!read_line(r, count)) return false;
    write_pixels(r, pixels, 3 * (size_t)p->dx, rgb + 3 * ((size_t)width * y + p->x0));
  }
  return true;
}

// Reads what follows the last line, where only the end of the stream and of the file matter. A stream that is longer is left there.
static bool read_end(reader *r) {
  if (!inflate_bytes(r, r->line, 1)) return false;
  do {
    if (!read_chunk(r)) return false;
    if (r->name == NAME('I', 'E', 'N', 'D')) return true;
  } while (is_skipped(r->name));
  return fail(r, MEDIA_DAMAGED);
}

static bool read_lines(reader *r, uint8_t *rgb) {
  if (inflateInit(&r->stream) != Z_OK) return fail(r, MEDIA_EXCESSIVE);
  feed(r);
  bool done = true;
  for (int i = 0; i < (r->interlaced ? PASSES : 1) && done; i++) done = read_pass(r, r->interlaced ? &adam7[i] : &whole, rgb);
  done = done && read_end(r);
  inflateEnd(&r->stream);
  return done;
}

static bool decode(reader *r, uint32_t width, uint32_t height, uint8_t *rgb) {
  if (!open_header(r)) return false;
  if (r->result.width != width || r->result.height != height) return fail(r, MEDIA_DAMAGED);
  if (!find_data(r)) return false;
  if (r->type == GREY && r->depth < 8) set_greys(r);
  if ((uint64_t)width * r->pixel_bits / 8 >= LINE_LIMIT) return fail(r, MEDIA_EXCESSIVE);
  size_t line = 1 + line_bytes(r, width);
  uint8_t *lines = malloc(2 * line);
  if (!lines) return fail(r, MEDIA_EXCESSIVE);
  r->line = lines;
  r->above = lines + line;
  bool done = read_lines(r, rgb);
  free(lines);
  return done;
}

media_result media_png_size(const uint8_t *bytes, size_t count) {
  reader r = {.bytes = bytes, .left = count};
  open_header(&r);
  return r.result;
}

media_result media_png_rgb(const uint8_t *bytes, size_t count, uint32_t width, uint32_t height, uint8_t *rgb) {
  reader r = {.bytes = bytes, .left = count};
  decode(&r, width, height, rgb);
  return r.result;
}
