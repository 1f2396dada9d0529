// The text of the BLAS provider, compiled beside the contraction's.

// #embed is C23; clang 21 accepts it everywhere.
#pragma clang diagnostic ignored "-Wc23-extensions"
#include "include/recurve_sources.h"

static const char text[] = {
#embed "recurve_blas.inc"
  , 0};

const char *recurve_blas_source(void) { return text; }
