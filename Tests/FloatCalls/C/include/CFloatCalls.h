// Floats across the border of C and Swift, in more arguments than there are registers, in structures and as results.
#ifndef TRIBUTARY_CFLOATCALLS_H
#define TRIBUTARY_CFLOATCALLS_H

#include <stdint.h>

typedef struct {
  float x, y;
} float_pair;

typedef struct {
  double x, y, z;
} double_triple;

/// 1·a + 2·b + … + 12·l.
double float_calls_sum(float a, double b, int32_t c, float d, double e, float f, double g, float h, double i, float j, double k, float l);

float float_calls_half(float v);
double float_calls_third(double v);
float_pair float_calls_swap(float_pair v);
double_triple float_calls_turn(double_triple v, float_pair by);

typedef float float_calls_float_body(float a, double b, int32_t c, float d);
typedef double float_calls_double_body(double a, float b, float_pair c, double d);

/// What a body returns for 1, 2, …
float float_calls_float(float_calls_float_body *body);
double float_calls_double(float_calls_double_body *body);

#endif
