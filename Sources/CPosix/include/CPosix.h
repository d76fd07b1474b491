// The POSIX interface that the device side uses, as one header: Embedded Swift has no Glibc module.
// What Swift cannot import (macros, variadic functions, errno) is wrapped as a static inline function.
#ifndef TRIBUTARY_CPOSIX_H
#define TRIBUTARY_CPOSIX_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/// The calling thread's last error number.
static inline int posix_errno(void) { return errno; }

/// `open(2)` for reading, close-on-exec. Returns the descriptor, or -1 with errno set.
static inline int posix_open_read(const char *path) { return open(path, O_RDONLY | O_CLOEXEC); }

/// `open(2)` for writing a fresh file, close-on-exec, mode 0644. Returns the descriptor, or -1 with errno set.
static inline int posix_open_write(const char *path) { return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644); }

/// Maps `size` bytes of `descriptor` read-only and private. Returns NULL with errno set on failure.
static inline const void *posix_map_read(int descriptor, size_t size) {
  void *address = mmap(NULL, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  return address == MAP_FAILED ? NULL : address;
}

/// The monotonic clock, in nanoseconds.
static inline int64_t posix_monotonic_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/// Puts a descriptor into (or out of) non-blocking mode. Returns 0, or -1 with errno set.
static inline int posix_set_nonblocking(int descriptor, int on) {
  int flags = fcntl(descriptor, F_GETFL, 0);
  if (flags < 0) return -1;
  return fcntl(descriptor, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

#endif
