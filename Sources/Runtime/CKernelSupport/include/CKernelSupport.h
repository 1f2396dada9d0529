// The umbrella of the module CKernelSupport.
#include "recurve_arena.h"
#include "recurve_contraction.h"
#include "recurve_math.h"
#include "recurve_math_pairs.h"
#include "recurve_numbers.h"
#include "recurve_share.h"
#include "recurve_sources.h"
#include "recurve_workers.h"
