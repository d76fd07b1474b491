// The forms of the compression function; a form that the target lacks is not declared. Inside this target only.
#ifndef TRIBUTARY_CSHA256_FORMS_H
#define TRIBUTARY_CSHA256_FORMS_H

#include "CSHA256.h"

extern const uint32_t sha256_constants[64];

void sha256_compress_portable(uint32_t state[8], const uint8_t *blocks, size_t count);
void sha256_compress_pair_portable(uint32_t states[2][8], const uint8_t *first, const uint8_t *second, size_t count);

#if defined(__x86_64__)
#define SHA256_HAS_HARDWARE_FORM "x86-sha"
#elif defined(__aarch64__) && defined(__linux__) && !defined(__AARCH64EB__)
#define SHA256_HAS_HARDWARE_FORM "armv8-sha2"
#endif

#ifdef SHA256_HAS_HARDWARE_FORM
int sha256_hardware_runs(void);
void sha256_compress_hardware(uint32_t state[8], const uint8_t *blocks, size_t count);
void sha256_compress_pair_hardware(uint32_t states[2][8], const uint8_t *first, const uint8_t *second, size_t count);
#endif

#endif
