#include "emulation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { place_count = 16, place_bytes = 1 << 20, filling = 77 };

/// SplitMix64.
static uint64_t next(emulation *e) {
  uint64_t z = e->state += 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

int32_t random_between(emulation *e, int32_t low, int32_t high) {
  return (int32_t)(low + (int64_t)(next(e) % ((uint64_t)((int64_t)high - low) + 1)));
}

size_t random_size(emulation *e, size_t limit) {
  size_t bound = random_between(e, 0, 3) > 0 && limit > 16 ? limit / 4 : limit;
  return (size_t)random_between(e, 1, (int32_t)bound);
}

float random_float(emulation *e, float low, float high) { return low + (high - low) * ((float)(next(e) >> 44) * 0x1p-20f); }

static void *map_places(size_t page) {
  char *start = mmap(NULL, place_count * (place_bytes + page) + page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) abort();
  for (size_t i = 0; i < place_count; i++) {
    if (mprotect(start + page + i * (place_bytes + page), place_bytes, PROT_READ | PROT_WRITE) != 0) abort();
  }
  return start;
}

void *place(emulation *e, size_t bytes) {
  static char *memory;
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  if (!memory) memory = map_places(page);
  if (e->places == place_count || bytes > place_bytes) abort();
  char *start = memory + page + e->places++ * (place_bytes + page) + (e->at_end ? place_bytes - bytes : 0);
  return memset(start, filling, bytes);
}

int16_t *place_int16(emulation *e, size_t count, int32_t low, int32_t high) {
  int16_t *values = place(e, count * sizeof *values);
  for (size_t i = 0; i < count; i++) values[i] = (int16_t)random_between(e, low, high);
  return values;
}

int8_t *place_int8(emulation *e, size_t count, int32_t low, int32_t high) {
  int8_t *values = place(e, count);
  for (size_t i = 0; i < count; i++) values[i] = (int8_t)random_between(e, low, high);
  return values;
}

float *place_floats(emulation *e, size_t count, float low, float high) {
  float *values = place(e, count * sizeof *values);
  for (size_t i = 0; i < count; i++) values[i] = random_float(e, low, high);
  return values;
}

kernels_rows place_rows(emulation *e, size_t m, size_t width, bool random) {
  kernels_rows rows = {.stride = (width + 3) / 4 * 4};
  rows.codes = place(e, m * rows.stride);
  rows.range = place(e, m * sizeof *rows.range);
  rows.zero = place(e, m);
  for (size_t row = 0; random && row < m; row++) {
    bool extreme = random_between(e, 0, 7) == 0;
    for (size_t i = 0; i < rows.stride; i++) {
      int32_t code = extreme ? 255 * random_between(e, 0, 1) : random_between(e, 0, 255);
      rows.codes[row * rows.stride + i] = (uint8_t)(i < width ? code : 0);
    }
    rows.range[row] = (uint16_t)random_between(e, 1, 65534);
    rows.zero[row] = (uint8_t)random_between(e, 0, 255);
  }
  return rows;
}

void compare(emulation *e, const void *const results[emulation_runs], size_t bytes) {
  const unsigned char *found = results[0];
  if (memcmp(found, results[1], bytes) != 0) e->differs = true;
  for (size_t i = 0; i < bytes; i++) e->digest = (e->digest ^ found[i]) * 0x100000001B3; // FNV-1a
}
