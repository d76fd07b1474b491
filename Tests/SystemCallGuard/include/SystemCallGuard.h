// Runs work in a child process that from a point of its choice on may only wait, wake and end.
#ifndef SYSTEM_CALL_GUARD_H
#define SYSTEM_CALL_GUARD_H

/// Forks. Returns 0 in the child, which must call `guard_close`, do its work and call `guard_end`; in the parent a handle.
long guard_fork(void);

/// Binds the calling thread to the processor that it is on.
void guard_stay(void);

/// From now on any system call of any thread of the process but futex and exit ends the process.
void guard_close(void);

/// Ends the child: its work is done.
void guard_end(void) __attribute__((noreturn));

/// Waits for the child. Returns 0 where it came to its end, the number of the system call that ended it, or −1 where something else did.
long guard_wait(long handle);

#endif
