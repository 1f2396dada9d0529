// The portable copy of the contraction, and the text that generated kernels compile for the machine at hand.

// #embed is C23; clang 21 accepts it everywhere.
#pragma clang diagnostic ignored "-Wc23-extensions"
#include "include/recurve_contraction.h"
#include "include/recurve_sources.h"

#include "recurve_contraction_kernel.inc"
#include "recurve_contraction_packing.inc"
#include "recurve_contraction_driver.inc"
#include "recurve_contraction_rows.inc"

static const char text[] = {
#embed "recurve_contraction_prologue.inc"
  ,
#embed "include/recurve_share.h"
  ,
#embed "include/recurve_contraction.h"
  ,
#embed "recurve_contraction_kernel.inc"
  ,
#embed "recurve_contraction_packing.inc"
  ,
#embed "recurve_contraction_driver.inc"
  ,
#embed "recurve_contraction_rows.inc"
  , 0};

const char *recurve_contraction_source(void) { return text; }

static const char share_text[] = {
#embed "include/recurve_share.h"
  , 0};

const char *recurve_share_source(void) { return share_text; }
