// SHA-256 (FIPS 180-4). No allocation, no input or output; the fastest form that the processor runs is chosen at start.
#ifndef TRIBUTARY_CSHA256_H
#define TRIBUTARY_CSHA256_H

#include <stddef.h>
#include <stdint.h>

/// Takes `count` blocks of 64 bytes into the state.
typedef void sha256_compress(uint32_t state[8], const uint8_t *blocks, size_t count);

/// The same for two messages side by side: each waits for itself, so both take little longer than one.
typedef void sha256_compress_pair(uint32_t states[2][8], const uint8_t *first, const uint8_t *second, size_t count);

/// One way to compute the compression function. All give the same bits.
typedef struct {
  const char *name;
  sha256_compress *compress;
  sha256_compress_pair *compress_pair;
} sha256_form;

/// The form at that place of the list of those that this processor runs, the fastest first and `portable` last; NULL past the end.
const sha256_form *sha256_available(size_t index);

/// A hash in progress.
typedef struct {
  const sha256_form *form;
  uint64_t length;   // bytes taken so far
  uint32_t state[8];
  uint8_t block[64]; // the last length % 64 bytes
} sha256;

/// An empty hash that is computed by that form.
sha256 sha256_start(const sha256_form *form);

/// Takes in `count` bytes; `bytes` may be NULL where `count` is 0.
void sha256_add(sha256 *hash, const void *bytes, size_t count);

/// Writes the 32 bytes of the digest. The hash is used up.
void sha256_finish(sha256 *hash, uint8_t *digest);

/// Cuts `count` bytes into parts of `size` ≥ 1, the last of what is left, and writes the digest of each, 32 bytes. Parts are hashed two by
/// two.
void sha256_parts(const sha256_form *form, const void *bytes, size_t count, size_t size, uint8_t *digests);

#endif
