// The C library's functions of real numbers, which Embedded Swift cannot import otherwise.
#ifndef TRIBUTARY_CMATH_H
#define TRIBUTARY_CMATH_H

double cos(double);
double exp(double);
double log(double);
double log10(double);
double sin(double);

#endif
