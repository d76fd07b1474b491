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
#include <sys/random.h>
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

/// What tells whether a file has been written anew: when, its size and which file it is. All zero where there is none.
typedef struct {
  int64_t seconds, nanoseconds, size;
  uint64_t number;
} posix_file_stamp;

static inline posix_file_stamp posix_stamp(const char *path) {
  struct stat status;
  posix_file_stamp stamp = {0};
  if (stat(path, &status) == 0)
    stamp = (posix_file_stamp){status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size, status.st_ino};
  return stamp;
}

static inline int posix_same_stamp(posix_file_stamp one, posix_file_stamp other) {
  return one.seconds == other.seconds && one.nanoseconds == other.nanoseconds && one.size == other.size && one.number == other.number;
}

/// A thread to be joined.
typedef struct {
  uintptr_t handle;
} posix_thread;

/// Starts a thread that runs `body(context)` on a stack of 512 KiB, whatever the C library's own default. Returns 0 or an error number.
static inline int posix_thread_start(posix_thread *thread, void *(*body)(void *), void *context) {
  pthread_t handle;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 1 << 19);
  int status = pthread_create(&handle, &attributes, body, context);
  pthread_attr_destroy(&attributes);
  thread->handle = status == 0 ? (uintptr_t)handle : 0;
  return status;
}

/// A byte of the name of the firmware profile that the program was built for, 0 at its end: at once in an ordinary build.
int posix_profile_name_byte(int index);

/// The processors that the system runs on.
static inline int posix_processor_count(void) { return (int)sysconf(_SC_NPROCESSORS_ONLN); }

/// The processor that the calling thread runs on now, or -1.
int posix_current_processor(void);

/// Binds the calling thread to the `distance`th processor behind that one, counted round those that the process may run on.
void posix_bind_behind_processor(int processor, unsigned distance);

static inline void posix_thread_join(posix_thread thread) { pthread_join((pthread_t)thread.handle, NULL); }

/// Maps `size` bytes of `descriptor` read-only and private. Returns NULL with errno set on failure.
static inline const void *posix_map_read(int descriptor, size_t size) {
  void *address = mmap(NULL, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  return address == MAP_FAILED ? NULL : address;
}

/// Maps `size` bytes of fresh zeroed memory, whose pages the system provides when they are first written. Returns NULL on failure.
static inline void *posix_map_anonymous(size_t size) {
  void *address = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return address == MAP_FAILED ? NULL : address;
}

/// Tells the processor that the caller spins.
static inline void posix_spin_hint(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
  __asm__ volatile("yield");
#endif
}

/// The monotonic clock, in nanoseconds.
static inline int64_t posix_monotonic_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/// A TCP address: IPv4 or IPv6.
typedef struct {
  struct sockaddr_storage storage;
  socklen_t length;
} posix_address;

/// Reads a numeric address. Returns 0 where the host is a name.
int posix_numeric_address(const char *host, const char *port, posix_address *address);

/// The most addresses that a lookup finds.
enum { POSIX_LOOKUP_ADDRESSES = 8 };

/// Looks a host up on a thread of its own, for which name servers may take their time. Returns a descriptor that can be read once there is
/// an answer and that may be closed before, or -1 with errno set.
int posix_lookup_begin(const char *host, const char *port);

/// What a lookup found: up to POSIX_LOOKUP_ADDRESSES addresses, the best first. Returns how many.
int posix_lookup_result(int descriptor, posix_address *addresses);

/// Begins a non-blocking TCP connection without Nagle's delay. Returns the descriptor, or -1 with errno set.
static inline int posix_connect_begin(const posix_address *address) {
  int descriptor = socket(address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int on = 1, number;
  if (descriptor < 0) return -1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(descriptor, (const struct sockaddr *)&address->storage, address->length) == 0 || errno == EINPROGRESS) return descriptor;
  number = errno;
  close(descriptor);
  errno = number;
  return -1;
}

/// How a begun connection ended: 0, or its error number.
static inline int posix_connect_result(int descriptor) {
  int number = 0;
  socklen_t size = sizeof number;
  return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &size) == 0 ? number : errno;
}

enum { POSIX_SOCKET_READY = 1, POSIX_OTHER_READY = 2 };

/// Waits until a socket can be read (or written, where `write` is set), or fails, or another descriptor can be read, for that many
/// milliseconds at most, or without end where they are negative; descriptors below 0 are not waited for. Returns which are ready, as bits:
/// none where the time passed or a signal came.
static inline int posix_wait_either(int socket, int write, int other, int milliseconds) {
  struct pollfd entries[2] = {{.fd = socket, .events = write ? POLLIN | POLLOUT : POLLIN}, {.fd = other, .events = POLLIN}};
  if (poll(entries, 2, milliseconds) <= 0) return 0;
  return (entries[0].revents ? POSIX_SOCKET_READY : 0) | (entries[1].revents ? POSIX_OTHER_READY : 0);
}

/// Eight bytes that nobody can foretell.
static inline uint64_t posix_random(void) {
  uint64_t bytes = 0;
  while (getrandom(&bytes, sizeof bytes, 0) < 0 && errno == EINTR) continue;
  return bytes;
}

/// `send(2)` that raises no signal. Returns the bytes taken, or -1 with errno set.
static inline ssize_t posix_send(int descriptor, const void *bytes, size_t count) { return send(descriptor, bytes, count, MSG_NOSIGNAL); }

/// Whether an operation failed only because it would have had to wait.
static inline int posix_would_block(void) { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

/// Starts a program (`words[0]`, NULL-terminated arguments), waits for the first byte that it writes to standard output, and drops the
/// rest. Returns the nanoseconds from just before the start to that byte, or -1 where it wrote none or failed.
int64_t posix_time_to_first_byte(char *const *words);

#endif
