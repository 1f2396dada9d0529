// The functions of numbers at every kind of argument: no undefined behaviour, and NaN for NaN.
#include "driver.h"
#include "recurve_math.h"
#include "recurve_math_pairs.h"

#include <math.h>

static float any_float(void) {
  static const float special[] = {0.0f,  -0.0f, INFINITY, -INFINITY, 1e-45f, -1e-45f, 1e-38f, 3.4e38f,
                                  -3.4e38f, 88.7f, -104.0f, 1.0f,     -1.0f,  0.5f,    2147483648.0f};
  if (below(4) == 0) return special[below(sizeof special / sizeof *special)];
  uint32_t bits = (uint32_t)next();
  float number;
  memcpy(&number, &bits, sizeof number);
  return number;
}

int main(int count, char **arguments) {
  state = count > 1 ? strtoull(arguments[1], NULL, 10) : 1;
  float (*const functions[])(float) = {
      recurve_exp_f32, recurve_log_f32, recurve_log1p_f32, recurve_tanh_f32, recurve_sigmoid_f32, recurve_erf_f32,
      recurve_sin_f32, recurve_cos_f32, recurve_rsqrt_f32,
  };
  for (size_t f = 0; f < sizeof functions / sizeof *functions; f++) {
    check(isnan(functions[f](NAN)), "a function of NaN is NaN");
    volatile float sink;
    for (int i = 0; i < 200000; i++) sink = functions[f](any_float());
    (void)sink;
  }
  check(isnan(recurve_atan2_f32(NAN, 1)) && isnan(recurve_atan2_f32(1, NAN)), "the angle of NaN is NaN");
  volatile float sink;
  for (int i = 0; i < 300000; i++) {
    sink = recurve_pow_f32(any_float(), any_float());
    sink = recurve_atan2_f32(any_float(), any_float());
  }
  (void)sink;
  return 0;
}
