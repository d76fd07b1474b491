#ifndef _GNU_SOURCE
#define _GNU_SOURCE // for the affinity of threads
#endif
#include "CPosix.h"

#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

int64_t posix_time_to_first_byte(char *const *words) {
  int ends[2], status = -1;
  pid_t child;
  char bytes[4096];
  posix_spawn_file_actions_t actions;
  if (pipe(ends) != 0) return -1;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  posix_spawn_file_actions_addclose(&actions, ends[1]);
  int64_t start = posix_monotonic_ns(), first = -1;
  int failure = posix_spawn(&child, words[0], &actions, NULL, words, environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (failure == 0) {
    while (read(ends[0], bytes, sizeof bytes) > 0)
      if (first < 0) first = posix_monotonic_ns() - start;
    waitpid(child, &status, 0);
  }
  close(ends[0]);
  return failure == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? first : -1;
}

/// tools/firmware writes the profile's name behind the mark. Volatile, so that it is read at run time.
static const volatile char profile_name[64] = "tributary-profile=";

int posix_profile_name_byte(int index) {
  const int mark = sizeof "tributary-profile=" - 1;
  return index < (int)sizeof profile_name - mark ? profile_name[mark + index] : 0;
}

int posix_current_processor(void) { return sched_getcpu(); }

void posix_bind_behind_processor(int processor, unsigned distance) {
  cpu_set_t allowed, one;
  if (processor < 0 || sched_getaffinity(getpid(), sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) == 0) return;
  while (distance > 0) {
    processor = (processor + 1) % CPU_SETSIZE;
    if (CPU_ISSET(processor, &allowed)) distance--;
  }
  CPU_ZERO(&one);
  CPU_SET(processor, &one);
  sched_setaffinity(0, sizeof one, &one);
}

/// At most `most` addresses; returns how many.
static int resolve(const char *host, const char *port, int flags, posix_address *addresses, int most) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV | flags}, *found = NULL;
  int count = 0;
  if (getaddrinfo(host, port, &hints, &found) != 0) return 0;
  for (const struct addrinfo *next = found; next != NULL && count < most; next = next->ai_next, count++) {
    memcpy(&addresses[count].storage, next->ai_addr, next->ai_addrlen);
    addresses[count].length = next->ai_addrlen;
  }
  freeaddrinfo(found);
  return count;
}

int posix_numeric_address(const char *host, const char *port, posix_address *address) {
  return resolve(host, port, AI_NUMERICHOST, address, 1);
}

/// The writing end of a lookup's pipe, through which addresses go as they are, all at once, and what is looked up.
typedef struct {
  int end;
  char port[sizeof "65535"], host[];
} lookup;

static void *look_up(void *argument) {
  lookup *l = argument;
  posix_address addresses[POSIX_LOOKUP_ADDRESSES];
  memset(addresses, 0, sizeof addresses);
  size_t count = (size_t)resolve(l->host, l->port, 0, addresses, POSIX_LOOKUP_ADDRESSES);
  while (write(l->end, addresses, count * sizeof *addresses) < 0 && errno == EINTR) continue;
  close(l->end);
  free(l);
  return NULL;
}

/// Starts a thread of its own that no signal reaches: who asked may have closed the other end of its pipe. Returns 0 or an error number.
static int start(void *(*run)(void *), void *argument) {
  pthread_t thread;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int failure = pthread_create(&thread, NULL, run, argument);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (failure == 0) pthread_detach(thread);
  return failure;
}

int posix_lookup_begin(const char *host, const char *port) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return -1;
  size_t size = strlen(host) + 1;
  lookup *l = malloc(sizeof *l + size);
  int failure = l == NULL ? ENOMEM : 0;
  if (l != NULL) {
    l->end = ends[1];
    strncpy(l->port, port, sizeof l->port - 1)[sizeof l->port - 1] = 0;
    memcpy(l->host, host, size);
    failure = start(look_up, l);
  }
  if (failure == 0) return ends[0];
  free(l);
  close(ends[0]);
  close(ends[1]);
  errno = failure;
  return -1;
}

int posix_lookup_result(int descriptor, posix_address *addresses) {
  ssize_t size = read(descriptor, addresses, POSIX_LOOKUP_ADDRESSES * sizeof *addresses);
  return size > 0 ? (int)((size_t)size / sizeof *addresses) : 0;
}
