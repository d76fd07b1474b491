// OpenBLAS (Debian's libopenblas-dev) as a module, with the two routines of LAPACK in it that are used here.
#include <cblas.h>

/// Factors a symmetric positive definite matrix, column-major: with uplo 'L', A = L·Lᵀ. info is 0, or positive where A is not so.
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info);

/// From that factor, the inverse of A, in the same triangle.
void dpotri_(const char *uplo, const int *n, double *a, const int *lda, int *info);
