// Compares every table of kernels that this processor runs with the portable one, bit for bit, over random cases.
//
// Usage: emulation LABEL CASES. Prints a line a table, `LABEL TABLE CASES DIGEST`; the digest is the same on every processor. Exits with 1
// where results differ, naming kernel, table and case.
#include <stdio.h>
#include <stdlib.h>

#include "emulation.h"

static const kernels_table *portable(void) {
  size_t last = 0;
  while (kernels_available(last + 1)) last++;
  return kernels_available(last);
}

/// Runs a kernel's cases; returns how many differ.
static int run(const emulation_kernel *kernel, const kernels_table *table, int cases, uint64_t *digest) {
  int wrong = 0;
  for (int i = 0; i < cases; i++) {
    emulation e = {.tables = {table, portable()}, .state = (uint64_t)i, .digest = *digest, .at_end = i % 2 == 0};
    kernel->check(&e);
    *digest = e.digest;
    if (e.differs && wrong++ == 0) fprintf(stderr, "%s differs from portable in %s, case %d\n", table->name, kernel->name, i);
  }
  return wrong;
}

int main(int argc, char **argv) {
  int cases = argc == 3 ? atoi(argv[2]) : 0, wrong = 0;
  if (cases < 1) {
    fprintf(stderr, "usage: emulation LABEL CASES\n");
    return 64;
  }
  const kernels_table *table;
  for (size_t i = 0; (table = kernels_available(i)); i++) {
    uint64_t digest = 0xCBF29CE484222325;
    for (const emulation_kernel *kernel = emulation_kernels; kernel->check; kernel++) wrong += run(kernel, table, cases, &digest);
    printf("%s %s %d %016llx\n", argv[1], table->name, cases, (unsigned long long)digest);
    fflush(stdout);
  }
  return wrong > 0;
}
