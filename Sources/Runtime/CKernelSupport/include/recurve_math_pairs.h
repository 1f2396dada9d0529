// Functions of two arguments, under the rules of recurve_math.h; and the f64 functions.
#ifndef RECURVE_MATH_PAIRS_H
#define RECURVE_MATH_PAIRS_H

// Generated sources contain the text of both files.
#ifndef RECURVE_MATH_H
#include "recurve_math.h"
#endif

#pragma STDC FP_CONTRACT OFF

// |x|^y = 2^(y log2|x|) with the logarithm in f64. The special cases are those of C (Annex F): pow(x, 0) = pow(1, y) = 1 for
// every x and y, a negative x needs a whole y. Error: 1.0
static inline float recurve_pow_f32(float x, float y) {
  float magnitude = __builtin_fabsf(x);
  int subnormal = magnitude < 0x1p-126f;
  uint32_t bits = recurve_bits_f32(subnormal ? magnitude * 0x1p24f : magnitude);
  int32_t exponent = (int32_t)(bits - 0x3f3504f3u) >> 23;
  double fraction = recurve_float_of_bits(bits - ((uint32_t)exponent << 23));
  double e = (double)(exponent - (subnormal ? 24 : 0));
  // log2(m) = s P(s^2), s = (m - 1) / (m + 1), the inverse hyperbolic tangent's odd series.
  double s = (fraction - 1.0) / (fraction + 1.0);
  double square = s * s;
  double p = 0x1.21afe66e59fb3p-2;
  p = __builtin_fma(p, square, 0x1.4795698095674p-2);
  p = __builtin_fma(p, square, 0x1.a61a2e47c4d7bp-2);
  p = __builtin_fma(p, square, 0x1.2776c293eed67p-1);
  p = __builtin_fma(p, square, 0x1.ec709dc53bd2ap-1);
  p = __builtin_fma(p, square, 0x1.71547652b8257p+1);
  double logarithm = __builtin_fma(s, p, e);
  logarithm = magnitude == 0.0f ? -__builtin_inf() : logarithm;
  logarithm = magnitude == RECURVE_INFINITY_F32 ? __builtin_inf() : logarithm;
  double z = (double)y * logarithm;
  z = magnitude == 1.0f ? 0.0 : z;
  double clamped = z < -200.0 ? -200.0 : z;
  clamped = clamped > 200.0 ? 200.0 : clamped;
  double rounded = clamped + RECURVE_ROUNDER_F64;
  float r = (float)((clamped - (rounded - RECURVE_ROUNDER_F64)) * 0x1.62e42fefa39efp-1);
  float power = 1.0f + recurve_expm1_reduced_f32(r);
  float result = recurve_float_of_bits(recurve_bits_f32(power) + ((uint32_t)recurve_bits_f64(rounded) << 23));
  result = z < -126.0 ? 0.0f : result;
  result = z >= 128.0 ? RECURVE_INFINITY_F32 : result;
  // From 2^24 on every f32 is an even whole number.
  int large = __builtin_fabsf(y) >= 0x1p24f;
  int32_t whole = (int32_t)(__builtin_fabsf(y) < 0x1p24f ? y : 0.0f);
  int is_whole = large | ((float)whole == y);
  uint32_t odd = (uint32_t)whole & (uint32_t)is_whole & 1u;
  result = recurve_float_of_bits(recurve_bits_f32(result) ^ (recurve_bits_f32(x) & (odd << 31)));
  int undefined = (x < 0.0f) & (x > -RECURVE_INFINITY_F32) & !is_whole;
  result = (undefined | (x != x) | (y != y)) ? RECURVE_NAN_F32 : result;
  return ((x == 1.0f) | (y == 0.0f)) ? 1.0f : result;
}

// Special cases as in C (Annex F). Error: 1.6
static inline float recurve_atan2_f32(float y, float x) {
  float across = __builtin_fabsf(x), up = __builtin_fabsf(y);
  int steep = up > across;
  float smaller = steep ? across : up, larger = steep ? up : across;
  float t = smaller / larger;
  t = larger == 0.0f ? 0.0f : t;
  t = smaller == RECURVE_INFINITY_F32 ? 1.0f : t;
  float square = t * t;
  float q = -0x1.d5581ap-10f;
  q = __builtin_fmaf(q, square, 0x1.652948p-7f);
  q = __builtin_fmaf(q, square, -0x1.fe581cp-6f);
  q = __builtin_fmaf(q, square, 0x1.da8a34p-5f);
  q = __builtin_fmaf(q, square, -0x1.5820f8p-4f);
  q = __builtin_fmaf(q, square, 0x1.c092dep-4f);
  q = __builtin_fmaf(q, square, -0x1.2420fap-3f);
  q = __builtin_fmaf(q, square, 0x1.9991eap-3f);
  q = __builtin_fmaf(q, square, -0x1.55553ep-2f);
  float angle = __builtin_fmaf(t * square, q, t);
  int left = (int)(recurve_bits_f32(x) >> 31);
  float high = steep ? 0x1.921fb6p0f : (left ? 0x1.921fb6p1f : 0.0f);
  float low = steep ? -0x1.777a5cp-25f : (left ? -0x1.777a5cp-24f : 0.0f);
  float turned = (steep ^ left) ? -angle : angle;
  float result = __builtin_copysignf(high + (turned + low), y);
  return ((x != x) | (y != y)) ? RECURVE_NAN_F32 : result;
}

// f64 serves gradient checks only; there the platform's own functions are good enough.
static inline double recurve_exp_f64(double x) { return __builtin_exp(x); }
static inline double recurve_log_f64(double x) { return __builtin_log(x); }
static inline double recurve_log1p_f64(double x) { return __builtin_log1p(x); }
static inline double recurve_tanh_f64(double x) { return __builtin_tanh(x); }
static inline double recurve_sigmoid_f64(double x) { return 1.0 / (1.0 + __builtin_exp(-x)); }
static inline double recurve_erf_f64(double x) { return __builtin_erf(x); }
static inline double recurve_sin_f64(double x) { return __builtin_sin(x); }
static inline double recurve_cos_f64(double x) { return __builtin_cos(x); }
static inline double recurve_rsqrt_f64(double x) { return 1.0 / __builtin_sqrt(x); }
// The barriers hide constants: x^2 would become x * x and x^0.5 a root at some levels of optimization, with other last bits.
static inline double recurve_pow_f64(double x, double y) {
  __asm__("" : "+m"(x), "+m"(y));
  return __builtin_pow(x, y);
}
static inline double recurve_atan2_f64(double y, double x) { return __builtin_atan2(y, x); }

#endif
