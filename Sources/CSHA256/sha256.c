#include <string.h>

#include "forms.h"

static const sha256_form portable = {"portable", sha256_compress_portable, sha256_compress_pair_portable};
#ifdef SHA256_HAS_HARDWARE_FORM
static const sha256_form hardware = {SHA256_HAS_HARDWARE_FORM, sha256_compress_hardware, sha256_compress_pair_hardware};
#endif

const sha256_form *sha256_available(size_t index) {
#ifdef SHA256_HAS_HARDWARE_FORM
  if (sha256_hardware_runs()) {
    if (index == 0) return &hardware;
    index -= 1;
  }
#endif
  return index == 0 ? &portable : NULL;
}

sha256 sha256_start(const sha256_form *form) {
  // FIPS 180-4, 5.3.3: the fractions of the square roots of the first eight primes.
  return (sha256){.form = form,
                  .state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
}

void sha256_add(sha256 *hash, const void *bytes, size_t count) {
  if (count == 0) return;
  const uint8_t *next = bytes;
  size_t used = hash->length % 64;
  hash->length += count;
  if (used > 0) {
    size_t taken = 64 - used < count ? 64 - used : count;
    memcpy(hash->block + used, next, taken);
    if (used + taken < 64) return;
    hash->form->compress(hash->state, hash->block, 1);
    next += taken;
    count -= taken;
  }
  if (count >= 64) hash->form->compress(hash->state, next, count / 64);
  memcpy(hash->block, next + count / 64 * 64, count % 64);
}

void sha256_finish(sha256 *hash, uint8_t *digest) {
  uint64_t bits = hash->length * 8;
  uint8_t end[72] = {0x80};
  size_t padding = 1 + (119 - hash->length % 64) % 64;
  for (int i = 0; i < 8; i++) end[padding + i] = (uint8_t)(bits >> (56 - 8 * i));
  sha256_add(hash, end, padding + 8);
  for (int i = 0; i < 32; i++) digest[i] = (uint8_t)(hash->state[i / 4] >> (24 - i % 4 * 8));
}

/// The digests of two messages of `count` bytes.
static void finish_pair(const sha256_form *form, const uint8_t *first, const uint8_t *second, size_t count, uint8_t *digests) {
  sha256 hashes[2] = {sha256_start(form), sha256_start(form)};
  uint32_t states[2][8];
  for (int i = 0; i < 2; i++) memcpy(states[i], hashes[i].state, sizeof states[i]);
  form->compress_pair(states, first, second, count / 64);
  for (int i = 0; i < 2; i++) {
    memcpy(hashes[i].state, states[i], sizeof states[i]);
    hashes[i].length = count / 64 * 64;
    sha256_add(&hashes[i], (i == 0 ? first : second) + count / 64 * 64, count % 64);
    sha256_finish(&hashes[i], digests + 32 * i);
  }
}

void sha256_parts(const sha256_form *form, const void *bytes, size_t count, size_t size, uint8_t *digests) {
  const uint8_t *next = bytes;
  for (; count / 2 >= size; count -= 2 * size, next += 2 * size, digests += 64) finish_pair(form, next, next + size, size, digests);
  while (count > 0) {
    size_t taken = count < size ? count : size;
    sha256 hash = sha256_start(form);
    sha256_add(&hash, next, taken);
    sha256_finish(&hash, digests);
    next += taken;
    count -= taken;
    digests += 32;
  }
}
