// Elementary functions whose bits are part of the language.
//
// Every function is one straight line of IEEE operations that round correctly (+ - * / sqrt fma) with selects instead of
// branches, so a vector body, its scalar tail, every instruction set and Swift compute the same bits, and clang -O3
// vectorises loops over them. Contraction is off: each fused multiply-add is written out.
// The texts of this file, of recurve_math_pairs.h and of recurve_numbers.h are also compiled into generated kernels
// (recurve_math_source).
//
// The polynomials are ours: minimax by Lawson's weighted least squares, each coefficient rounded to f32 before the next is
// fitted. The reductions are textbook: Cody and Waite, "Software Manual for the Elementary Functions" (1980); Muller,
// "Elementary Functions" (2016), chapters 9 to 11.
//
// "Error" below is the measured maximum in units in the last place against double libm: over every f32 for functions of one
// argument, over dense samples for functions of two. A result below the smallest normal number becomes zero in exp, sigmoid
// and pow (subnormal numbers slow down vector units and carry no information that a model uses). Results that are not a
// number have the bits 0x7fc00000, so that even these agree.
#ifndef RECURVE_MATH_H
#define RECURVE_MATH_H

#include <stdint.h>

#pragma STDC FP_CONTRACT OFF

#define RECURVE_NAN_F32 __builtin_nanf("")
#define RECURVE_INFINITY_F32 __builtin_inff()
// Adding 1.5 * 2^23 rounds to the nearest integer and leaves it in the low bits.
#define RECURVE_ROUNDER_F32 0x1.8p23f
#define RECURVE_ROUNDER_F64 0x1.8p52
#define RECURVE_LN2_HIGH_F32 0x1.62e43p-1f
#define RECURVE_LN2_LOW_F32 -0x1.05c61p-29f

static inline uint32_t recurve_bits_f32(float x) {
  union { float number; uint32_t bits; } pun = {.number = x};
  return pun.bits;
}

static inline float recurve_float_of_bits(uint32_t bits) {
  union { uint32_t bits; float number; } pun = {.bits = bits};
  return pun.number;
}

static inline uint64_t recurve_bits_f64(double x) {
  union { double number; uint64_t bits; } pun = {.number = x};
  return pun.bits;
}

// (e^r - 1 - r) / r^2 for |r| <= 0.348.
static inline float recurve_exp_tail_f32(float r) {
  float q = 0x1.9e7d9cp-13f;
  q = __builtin_fmaf(q, r, 0x1.6d3aaep-10f);
  q = __builtin_fmaf(q, r, 0x1.1112d4p-7f);
  q = __builtin_fmaf(q, r, 0x1.5554f8p-5f);
  q = __builtin_fmaf(q, r, 0x1.555554p-3f);
  return __builtin_fmaf(q, r, 0.5f);
}

static inline float recurve_expm1_reduced_f32(float r) { return __builtin_fmaf(r * r, recurve_exp_tail_f32(r), r); }

// log(1 + f) - f for sqrt(1/2) - 1 <= f <= sqrt(2) - 1.
static inline float recurve_log1p_tail_f32(float f) {
  float q = 0x1.1484e8p-4f;
  q = __builtin_fmaf(q, f, -0x1.de1004p-4f);
  q = __builtin_fmaf(q, f, 0x1.e6c03ep-4f);
  q = __builtin_fmaf(q, f, -0x1.fc26acp-4f);
  q = __builtin_fmaf(q, f, 0x1.233b78p-3f);
  q = __builtin_fmaf(q, f, -0x1.555c4ep-3f);
  q = __builtin_fmaf(q, f, 0x1.99a478p-3f);
  q = __builtin_fmaf(q, f, -0x1.000006p-2f);
  q = __builtin_fmaf(q, f, 0x1.555548p-2f);
  q = __builtin_fmaf(q, f, -0.5f);
  return f * f * q;
}

// Error: 1.0
static inline float recurve_exp_f32(float x) {
  // Outside [-87.33654, 88.72283] the result is below the normal numbers or above the finite ones.
  float clamped = x < -87.5f ? -87.5f : x;
  clamped = clamped > 88.75f ? 88.75f : clamped;
  float rounded = __builtin_fmaf(clamped, 0x1.715476p0f, RECURVE_ROUNDER_F32);
  float n = rounded - RECURVE_ROUNDER_F32;
  float r = __builtin_fmaf(n, -RECURVE_LN2_HIGH_F32, clamped);
  r = __builtin_fmaf(n, -RECURVE_LN2_LOW_F32, r);
  float power = 1.0f + recurve_expm1_reduced_f32(r);
  // Adding n to the exponent reaches n = 128 too, where 2^n itself is not representable.
  float result = recurve_float_of_bits(recurve_bits_f32(power) + (recurve_bits_f32(rounded) << 23));
  result = x < -0x1.5d589ep6f ? 0.0f : result;
  result = x > 0x1.62e42ep6f ? RECURVE_INFINITY_F32 : result;
  return x != x ? RECURVE_NAN_F32 : result;
}

// Error: 0.9
static inline float recurve_log_f32(float x) {
  int subnormal = x < 0x1p-126f;
  float scaled = subnormal ? x * 0x1p24f : x;
  // Subtracting the bits of sqrt(1/2) makes the exponent round so that the fraction lies in [sqrt(1/2), sqrt(2)).
  uint32_t bits = recurve_bits_f32(scaled);
  int32_t exponent = (int32_t)(bits - 0x3f3504f3u) >> 23;
  float fraction = recurve_float_of_bits(bits - ((uint32_t)exponent << 23));
  float e = (float)(exponent - (subnormal ? 24 : 0));
  float f = fraction - 1.0f;
  float tail = __builtin_fmaf(e, RECURVE_LN2_LOW_F32, recurve_log1p_tail_f32(f));
  float result = __builtin_fmaf(e, RECURVE_LN2_HIGH_F32, f + tail);
  result = x == 0.0f ? -RECURVE_INFINITY_F32 : result;
  result = x == RECURVE_INFINITY_F32 ? x : result;
  return x >= 0.0f ? result : RECURVE_NAN_F32;
}

// Error: 1.5
static inline float recurve_log1p_f32(float x) {
  float u = 1.0f + x;
  // u + lost == 1 + x exactly (Dekker's two-sum, larger part first).
  float lost = x > 1.0f ? 1.0f - (u - x) : x - (u - 1.0f);
  uint32_t bits = recurve_bits_f32(u);
  int32_t exponent = (int32_t)(bits - 0x3f3504f3u) >> 23;
  float fraction = recurve_float_of_bits(bits - ((uint32_t)exponent << 23));
  // 2^-exponent; where that is no normal number, the lost part no longer matters.
  float scale = recurve_float_of_bits(exponent > 126 ? 0u : (uint32_t)(127 - exponent) << 23);
  float e = (float)exponent;
  // At exponent 0 this sum is x itself, which keeps small arguments accurate.
  float f = __builtin_fmaf(lost, scale, fraction - 1.0f);
  float tail = __builtin_fmaf(e, RECURVE_LN2_LOW_F32, recurve_log1p_tail_f32(f));
  float result = __builtin_fmaf(e, RECURVE_LN2_HIGH_F32, f + tail);
  result = x == -1.0f ? -RECURVE_INFINITY_F32 : result;
  result = x == RECURVE_INFINITY_F32 ? x : result;
  result = x == 0.0f ? x : result;
  return x >= -1.0f ? result : RECURVE_NAN_F32;
}

// tanh|x| = m / (m + 2) with m = e^(2|x|) - 1: errors of a large m cancel, which they would not with -2|x|. Error: 1.7
static inline float recurve_tanh_f32(float x) {
  float y = 2.0f * __builtin_fabsf(x);
  y = y > 20.0f ? 20.0f : y;
  float rounded = __builtin_fmaf(y, 0x1.715476p0f, RECURVE_ROUNDER_F32);
  float n = rounded - RECURVE_ROUNDER_F32;
  float r = __builtin_fmaf(n, -RECURVE_LN2_HIGH_F32, y);
  r = __builtin_fmaf(n, -RECURVE_LN2_LOW_F32, r);
  float power = recurve_float_of_bits((recurve_bits_f32(rounded) << 23) + 0x3f800000u);
  float m = __builtin_fmaf(power, recurve_expm1_reduced_f32(r), power - 1.0f);
  // The quotient, corrected once by its remainder, which sees what m + 2 lost.
  float denominator = m + 2.0f;
  float lost = m - (denominator - 2.0f);
  lost = m > 2.0f ? 2.0f - (denominator - m) : lost;
  float inverse = 1.0f / denominator;
  float quotient = m * inverse;
  float remainder = __builtin_fmaf(-quotient, lost, __builtin_fmaf(-quotient, denominator, m));
  float result = __builtin_copysignf(__builtin_fmaf(remainder, inverse, quotient), x);
  return x != x ? RECURVE_NAN_F32 : result;
}

// 1 / (1 + 2^n + 2^n (e^r - 1)): the sum's terms are positive, so that nothing cancels. Below -87.33654 the result is
// below the normal numbers. Error: 2.5
static inline float recurve_sigmoid_f32(float x) {
  float clamped = x < -87.5f ? -87.5f : x;
  clamped = clamped > 87.0f ? 87.0f : clamped;
  float rounded = __builtin_fmaf(clamped, -0x1.715476p0f, RECURVE_ROUNDER_F32);
  float n = rounded - RECURVE_ROUNDER_F32;
  float r = __builtin_fmaf(n, -RECURVE_LN2_HIGH_F32, -clamped);
  r = __builtin_fmaf(n, -RECURVE_LN2_LOW_F32, r);
  float power = recurve_float_of_bits((recurve_bits_f32(rounded) << 23) + 0x3f800000u);
  float result = 1.0f / __builtin_fmaf(power, recurve_expm1_reduced_f32(r), 1.0f + power);
  result = x < -0x1.5d589ep6f ? 0.0f : result;
  return x != x ? RECURVE_NAN_F32 : result;
}

// |x| < 0.92: x * P(x^2). Above: 1 - e^(-t Q(t)), t = |x|, where t Q(t) fits -log(erfc(t)). Error: 1.1
static inline float recurve_erf_f32(float x) {
  float t = __builtin_fabsf(x);
  float square = x * x;
  float small = -0x1.387442p-11f;
  small = __builtin_fmaf(small, square, 0x1.46d9e6p-8f);
  small = __builtin_fmaf(small, square, -0x1.b67c04p-6f);
  small = __builtin_fmaf(small, square, 0x1.ce1986p-4f);
  small = __builtin_fmaf(small, square, -0x1.8126e2p-2f);
  small = __builtin_fmaf(small, square, 0x1.06eba6p-3f);
  small = __builtin_fmaf(small, x, x);
  float clamped = t > 4.0f ? 4.0f : t;
  float large = 0x1.78d116p-17f;
  large = __builtin_fmaf(large, clamped, -0x1.52795cp-12f);
  large = __builtin_fmaf(large, clamped, 0x1.dd6ba8p-9f);
  large = __builtin_fmaf(large, clamped, -0x1.855122p-6f);
  large = __builtin_fmaf(large, clamped, 0x1.b32568p-4f);
  large = __builtin_fmaf(large, clamped, 0x1.45328ep-1f);
  large = __builtin_fmaf(large, clamped, 0x1.0778dcp-3f);
  large = __builtin_fmaf(large, clamped, clamped);
  large = 1.0f - recurve_exp_f32(-large);
  large = __builtin_copysignf(large, x);
  float result = t < 0.92f ? small : large;
  return x != x ? RECURVE_NAN_F32 : result;
}

// sin(x + quarter * pi / 2). The reduction runs in f64, where two parts of pi/2 are exact enough up to |x| = 2^40; one
// unit in the last place of such an x is already many periods, so anything beyond (infinities too) is not a number.
static inline float recurve_sine_of_quarter_f32(float x, uint32_t quarter) {
  float magnitude = __builtin_fabsf(x);
  double clamped = magnitude < 0x1p40f ? x : 0.0f;
  double rounded = __builtin_fma(clamped, 0x1.45f306dc9c883p-1, RECURVE_ROUNDER_F64);
  double n = rounded - RECURVE_ROUNDER_F64;
  double reduced = __builtin_fma(n, -0x1.921fb54442d18p0, clamped);
  float r = (float)__builtin_fma(n, -0x1.1a62633145c07p-54, reduced);
  uint32_t quadrant = (uint32_t)recurve_bits_f64(rounded) + quarter;
  float square = r * r;
  float sine = 0x1.7c367ap-19f;
  sine = __builtin_fmaf(sine, square, -0x1.a05968p-13f);
  sine = __builtin_fmaf(sine, square, 0x1.111174p-7f);
  sine = __builtin_fmaf(sine, square, -0x1.555556p-3f);
  sine = __builtin_fmaf(sine * square, r, r);
  float cosine = 0x1.99e816p-16f;
  cosine = __builtin_fmaf(cosine, square, -0x1.6c0c28p-10f);
  cosine = __builtin_fmaf(cosine, square, 0x1.55554ap-5f);
  cosine = __builtin_fmaf(cosine, square, -0.5f);
  cosine = __builtin_fmaf(cosine, square, 1.0f);
  float result = quadrant & 1u ? cosine : sine;
  result = recurve_float_of_bits(recurve_bits_f32(result) ^ ((quadrant & 2u) << 30));
  return magnitude < 0x1p40f ? result : RECURVE_NAN_F32;
}

// Error: 1.5 for |x| < 2^40
static inline float recurve_sin_f32(float x) {
  float result = recurve_sine_of_quarter_f32(x, 0u);
  return x == 0.0f ? x : result;
}

// Error: 1.5 for |x| < 2^40
static inline float recurve_cos_f32(float x) { return recurve_sine_of_quarter_f32(x, 1u); }

// 1 / sqrt(x), both correctly rounded. Error: 1.5
static inline float recurve_rsqrt_f32(float x) {
  float result = 1.0f / __builtin_sqrtf(x);
  return x >= 0.0f ? result : RECURVE_NAN_F32;
}

#endif
