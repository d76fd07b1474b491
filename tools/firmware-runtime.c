// What Embedded Swift expects around it: random numbers, which musl lacks, the reading of numbers, and tables of Unicode.
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>

/// Fills the buffer from the kernel's random numbers: the seed of Swift's hashing. Cannot fail, so it ends the process instead.
void arc4random_buf(void *buffer, size_t size) {
  for (char *at = buffer; size > 0;) {
    ssize_t got = getrandom(at, size, 0);
    if (got < 0 && errno != EINTR) abort();
    if (got > 0) at += got, size -= (size_t)got;
  }
}

/// Reads a number, as it is written where the decimal point is a point: musl knows no other. Returns where it ends.
const char *_swift_stdlib_strtod_clocale(const char *text, double *number) {
  char *end;
  *number = strtod(text, &end);
  return end;
}

// The answers below are those for ASCII, given for every scalar: nothing decomposes, composes or joins its neighbours. So strings are equal
// on the device where their scalars are, and a character is a scalar. Names of tensors, options and labels need no more, the tokenizers
// have tables of their own, and the toolchain's would take 40 kB.

const uint8_t *const _swift_stdlib_nfd_decompositions = NULL;

uint16_t _swift_stdlib_getNormData(uint32_t scalar) { return (void)scalar, 0; }
uint32_t _swift_stdlib_getDecompositionEntry(uint32_t scalar) { return (void)scalar, 0; }
uint32_t _swift_stdlib_getComposition(uint32_t first, uint32_t second) { return (void)first, (void)second, UINT32_MAX; }
uint8_t _swift_stdlib_getGraphemeBreakProperty(uint32_t scalar) { return (void)scalar, UINT8_MAX; }
bool _swift_stdlib_isExtendedPictographic(uint32_t scalar) { return (void)scalar, false; }
bool _swift_stdlib_isInCB_Consonant(uint32_t scalar) { return (void)scalar, false; }

/// How musl brings an angle beyond a million into a circle. Windows, filters and transforms go around a few times at most.
int __rem_pio2_large(double *angle, double *rest, int exponent, int count, int precision) {
  (void)angle, (void)rest, (void)exponent, (void)count, (void)precision;
  abort();
}
