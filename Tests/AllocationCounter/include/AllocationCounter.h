// Counts the memory allocations of the calling thread: linking this target replaces malloc and its kin.
#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

#include <stdint.h>

/// Allocations of the calling thread so far.
uint64_t allocation_count(void);

#endif
