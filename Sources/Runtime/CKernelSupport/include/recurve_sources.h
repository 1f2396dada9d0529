// The texts that every generated C source contains, so that what a kernel computes never depends on files that happen to
// be installed beside the program.
#ifndef RECURVE_SOURCES_H
#define RECURVE_SOURCES_H

// recurve_math.h, recurve_math_pairs.h and recurve_numbers.h.
const char *recurve_math_source(void);

// recurve_share.h.
const char *recurve_share_source(void);

// recurve_share.h and recurve_contraction.h with its implementation; every function in it is static.
const char *recurve_contraction_source(void);

// recurve_blas.inc: contractions through a BLAS; it follows the contraction's text.
const char *recurve_blas_source(void);

#endif
