#include "CFloatCalls.h"

double float_calls_sum(float a, double b, int32_t c, float d, double e, float f, double g, float h, double i, float j, double k, float l) {
  return (double)a + 2 * b + 3 * c + 4 * (double)d + 5 * e + 6 * (double)f + 7 * g + 8 * (double)h + 9 * i + 10 * (double)j + 11 * k +
         12 * (double)l;
}

float float_calls_half(float v) { return v / 2; }
double float_calls_third(double v) { return v / 3; }
float_pair float_calls_swap(float_pair v) { return (float_pair){v.y, v.x}; }
double_triple float_calls_turn(double_triple v, float_pair by) { return (double_triple){v.y + (double)by.x, v.z + (double)by.y, v.x}; }

float float_calls_float(float_calls_float_body *body) { return body(1, 2, 3, 4); }
double float_calls_double(float_calls_double_body *body) { return body(1, 2, (float_pair){3, 4}, 5); }
