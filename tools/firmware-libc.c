// What Embedded Swift expects of a C library and musl lacks.
#include <errno.h>
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
