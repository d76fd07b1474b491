// What Embedded Swift, and Debian's libraries built for glibc, expect of a C library and musl lacks.
#include <errno.h>
#include <stdio.h>
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

// The checked forms that glibc's headers make of some functions (-D_FORTIFY_SOURCE). The decoder of JPEG prints nothing and reads no
// text: what does is left out.

int __fprintf_chk(FILE *file, int flag, const char *format, ...) {
  (void)file, (void)flag, (void)format;
  return 0;
}

int __snprintf_chk(char *text, size_t count, int flag, size_t room, const char *format, ...) {
  (void)flag, (void)room, (void)format;
  if (count > 0) text[0] = 0;
  return 0;
}

int __isoc99_sscanf(const char *text, const char *format, ...) {
  (void)text, (void)format;
  return 0;
}
