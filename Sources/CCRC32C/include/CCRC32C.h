// CRC-32C (Castagnoli, RFC 3720 appendix B.4). No allocation, no input or output.
#ifndef TRIBUTARY_CCRC32C_H
#define TRIBUTARY_CCRC32C_H

#include <stddef.h>
#include <stdint.h>

/// Takes `count` bytes into a remainder, which begins as all ones; the checksum is its complement. `bytes` may be NULL where `count` is 0.
typedef uint32_t crc32c_update(uint32_t remainder, const uint8_t *bytes, size_t count);

/// The way to compute it at that place of the list of those that this processor runs, the fastest first and the portable one last; NULL
/// past the end. All give the same bits.
crc32c_update *crc32c_available(size_t index);

#endif
