// OpenBLAS (Debian's libopenblas-dev) as a module.
#include <cblas.h>
