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
