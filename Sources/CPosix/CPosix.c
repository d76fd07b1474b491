#ifndef _GNU_SOURCE
#define _GNU_SOURCE // for the affinity of threads
#endif
#include "CPosix.h"

#include <sched.h>
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
