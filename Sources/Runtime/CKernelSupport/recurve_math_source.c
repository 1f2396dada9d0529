// #embed is C23; clang 21 accepts it everywhere.
#pragma clang diagnostic ignored "-Wc23-extensions"
#include "include/recurve_sources.h"
// Included as well, so that every build system sees the dependency.
#include "include/recurve_math_pairs.h"
#include "include/recurve_numbers.h"

static const char text[] = {
#embed "include/recurve_math.h"
  ,
#embed "include/recurve_math_pairs.h"
  ,
#embed "include/recurve_numbers.h"
  , 0};

const char *recurve_math_source(void) { return text; }
