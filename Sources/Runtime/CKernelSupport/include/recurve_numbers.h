// Operations that C leaves undefined or has otherwise than the language: maxima, signs, conversions, whole numbers that
// overflow; random bits. Under the rules of recurve_math.h.
#ifndef RECURVE_NUMBERS_H
#define RECURVE_NUMBERS_H

// Generated sources contain the text of both files.
#ifndef RECURVE_MATH_H
#include "recurve_math.h"
#endif

static inline double recurve_double_of_bits(uint64_t bits) {
  union { uint64_t bits; double number; } pun = {.bits = bits};
  return pun.number;
}

// The maximum of IEEE 754-2019: not a number if either argument is none, and 0 is larger than -0. Numbers that are equal
// have the same bits but for the signs of zeros. A NaN in y is what x > y and x == y, both false, leave.
static inline float recurve_maximum_f32(float x, float y) {
  float larger = x > y ? x : y;
  larger = x == y ? recurve_float_of_bits(recurve_bits_f32(x) & recurve_bits_f32(y)) : larger;
  return x != x ? x : larger;
}

static inline double recurve_maximum_f64(double x, double y) {
  double larger = x > y ? x : y;
  larger = x == y ? recurve_double_of_bits(recurve_bits_f64(x) & recurve_bits_f64(y)) : larger;
  return x != x ? x : larger;
}

static inline float recurve_minimum_f32(float x, float y) {
  float smaller = x < y ? x : y;
  smaller = x == y ? recurve_float_of_bits(recurve_bits_f32(x) | recurve_bits_f32(y)) : smaller;
  return x != x ? x : smaller;
}

static inline double recurve_minimum_f64(double x, double y) {
  double smaller = x < y ? x : y;
  smaller = x == y ? recurve_double_of_bits(recurve_bits_f64(x) | recurve_bits_f64(y)) : smaller;
  return x != x ? x : smaller;
}

static inline int32_t recurve_maximum_i32(int32_t x, int32_t y) { return x > y ? x : y; }
static inline int32_t recurve_minimum_i32(int32_t x, int32_t y) { return x < y ? x : y; }

// The rank of a number in the order of that maximum: -infinity has 0, then come the finite numbers, -0 before 0, infinity,
// and above it whatever is not a number. The maximum of many numbers is then an instruction for each, in any order.
static inline uint32_t recurve_rank_f32(float x) {
  uint32_t bits = recurve_bits_f32(x);
  uint32_t turned = bits ^ ((uint32_t)((int32_t)bits >> 31) & 0x7fffffffu);
  return turned + 0x7f800001u;
}

static inline float recurve_of_rank_f32(uint32_t rank) {
  uint32_t turned = rank - 0x7f800001u;
  return recurve_float_of_bits(turned ^ ((uint32_t)((int32_t)turned >> 31) & 0x7fffffffu));
}

static inline uint64_t recurve_rank_f64(double x) {
  uint64_t bits = recurve_bits_f64(x);
  uint64_t turned = bits ^ ((uint64_t)((int64_t)bits >> 63) & 0x7fffffffffffffffu);
  return turned + 0x7ff0000000000001u;
}

static inline double recurve_of_rank_f64(uint64_t rank) {
  uint64_t turned = rank - 0x7ff0000000000001u;
  return recurve_double_of_bits(turned ^ ((uint64_t)((int64_t)turned >> 63) & 0x7fffffffffffffffu));
}

// 1 or -1; zeros and what is not a number stay what they are.
static inline float recurve_sign_f32(float x) { return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x; }
static inline double recurve_sign_f64(double x) { return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : x; }

// The number without its fraction, the nearest of the type beyond its range, 0 for what is not a number.
static inline int32_t recurve_f32_to_i32(float x) {
  // Every number of the type from -2^31 to below 2^31.
  float within = x > -0x1p31f ? x : -0x1p31f;
  within = within < 0x1p31f ? within : 0.0f;
  int32_t whole = x < 0x1p31f ? (int32_t)within : INT32_MAX;
  return x == x ? whole : 0;
}

static inline int32_t recurve_f64_to_i32(double x) {
  double within = x > -0x1p31 ? x : -0x1p31;
  within = within < 0x1p31 ? within : 0.0;
  int32_t whole = x < 0x1p31 ? (int32_t)within : INT32_MAX;
  return x == x ? whole : 0;
}

// Modulo 2^32.
static inline int32_t recurve_add_i32(int32_t x, int32_t y) { return (int32_t)((uint32_t)x + (uint32_t)y); }
static inline int32_t recurve_subtract_i32(int32_t x, int32_t y) { return (int32_t)((uint32_t)x - (uint32_t)y); }
static inline int32_t recurve_multiply_i32(int32_t x, int32_t y) { return (int32_t)((uint32_t)x * (uint32_t)y); }

// Threefry-2x32 with 20 rounds: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011.
#define RECURVE_THREEFRY_ROUND(rotation) x += y; y = (y << rotation | y >> (32 - rotation)) ^ x;

static inline uint64_t recurve_threefry(uint32_t k0, uint32_t k1, uint32_t c0, uint32_t c1) {
  uint32_t k2 = 0x1BD11BDAu ^ k0 ^ k1, x = c0 + k0, y = c1 + k1;
  RECURVE_THREEFRY_ROUND(13) RECURVE_THREEFRY_ROUND(15) RECURVE_THREEFRY_ROUND(26) RECURVE_THREEFRY_ROUND(6)
  x += k1; y += k2 + 1u;
  RECURVE_THREEFRY_ROUND(17) RECURVE_THREEFRY_ROUND(29) RECURVE_THREEFRY_ROUND(16) RECURVE_THREEFRY_ROUND(24)
  x += k2; y += k0 + 2u;
  RECURVE_THREEFRY_ROUND(13) RECURVE_THREEFRY_ROUND(15) RECURVE_THREEFRY_ROUND(26) RECURVE_THREEFRY_ROUND(6)
  x += k0; y += k1 + 3u;
  RECURVE_THREEFRY_ROUND(17) RECURVE_THREEFRY_ROUND(29) RECURVE_THREEFRY_ROUND(16) RECURVE_THREEFRY_ROUND(24)
  x += k1; y += k2 + 4u;
  RECURVE_THREEFRY_ROUND(13) RECURVE_THREEFRY_ROUND(15) RECURVE_THREEFRY_ROUND(26) RECURVE_THREEFRY_ROUND(6)
  x += k2; y += k0 + 5u;
  return (uint64_t)y << 32 | x;
}

static inline int32_t recurve_threefry_0(int32_t k0, int32_t k1, int32_t c0, int32_t c1) {
  return (int32_t)(uint32_t)recurve_threefry((uint32_t)k0, (uint32_t)k1, (uint32_t)c0, (uint32_t)c1);
}

static inline int32_t recurve_threefry_1(int32_t k0, int32_t k1, int32_t c0, int32_t c1) {
  return (int32_t)(uint32_t)(recurve_threefry((uint32_t)k0, (uint32_t)k1, (uint32_t)c0, (uint32_t)c1) >> 32);
}

// Random words as a number from 0 to below 1.
static inline float recurve_unit_f32(int32_t word) { return (float)(int32_t)((uint32_t)word >> 8) * 0x1p-24f; }

static inline double recurve_unit_f64(int32_t high, int32_t low) {
  return ((double)(int32_t)((uint32_t)high >> 5) * 0x1p26 + (double)(int32_t)((uint32_t)low >> 6)) * 0x1p-53;
}

#endif
