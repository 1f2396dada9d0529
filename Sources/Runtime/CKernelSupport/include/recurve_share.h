#ifndef RECURVE_SHARE_H
#define RECURVE_SHARE_H

#include <stdint.h>

// A part of a launch: which of how many, and which of how many workers runs it.
typedef struct {
  int64_t index, count, worker, workers;
} recurve_share;

// What a launch runs: the kernel's buffers, the scratch of all workers or NULL, and the part to compute.
typedef void (*recurve_kernel)(char *const *buffers, char *scratch, const recurve_share *share);

// Where a share of `total` things begins; it ends where the next one begins.
static inline int64_t recurve_share_begin(const recurve_share *share, int64_t total) {
  return total * share->index / share->count;
}
static inline int64_t recurve_share_end(const recurve_share *share, int64_t total) {
  return total * (share->index + 1) / share->count;
}

#endif
