// What the checks of kernels stand on: random inputs that are the same on every processor, memory between inaccessible pages, and a digest.
#ifndef TRIBUTARY_EMULATION_H
#define TRIBUTARY_EMULATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "CKernels.h"

enum { emulation_runs = 2 };

/// One random case of one kernel: the same inputs for the table under test and for the portable one.
typedef struct {
  const kernels_table *tables[emulation_runs]; // under test, portable
  uint64_t state;                              // of the random numbers
  uint64_t digest;                             // of all results of the table under test
  size_t places;                               // taken of the guarded memory
  bool at_end;                                 // places end at an inaccessible page, else they begin after one
  bool differs;
} emulation;

/// A check of a kernel makes a case, runs both tables and compares.
typedef void emulation_check(emulation *e);

/// The one list: a name and a check, ended by NULL. A new kernel is one more entry.
typedef struct {
  const char *name;
  emulation_check *check;
} emulation_kernel;
extern const emulation_kernel emulation_kernels[];

/// low...high, each as likely.
int32_t random_between(emulation *e, int32_t low, int32_t high);

/// 1...limit, most often small.
size_t random_size(emulation *e, size_t limit);

/// Between low and high, a multiple of their difference / 2^20: exact steps give the same bits everywhere.
float random_float(emulation *e, float low, float high);

/// Memory of that size between inaccessible pages, all bytes 77. Aligned to what divides the size.
void *place(emulation *e, size_t bytes);

int16_t *place_int16(emulation *e, size_t count, int32_t low, int32_t high);
int8_t *place_int8(emulation *e, size_t count, int32_t low, int32_t high);
float *place_floats(emulation *e, size_t count, float low, float high);

/// A row's codes with zeros up to the next multiple of 4, its range and its zero point; `random` or all 77.
kernels_rows place_rows(emulation *e, size_t m, size_t width, bool random);

/// Compares results of both tables and takes those of the first into the digest.
void compare(emulation *e, const void *const results[emulation_runs], size_t bytes);

#endif
