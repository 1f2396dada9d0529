// What the drivers share: numbers that a seed decides, blocks of exactly their size.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;

static uint64_t next(void) {
  state += UINT64_C(0x9E3779B97F4A7C15);
  uint64_t z = state;
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return z ^ (z >> 31);
}

static int64_t below(int64_t bound) { return (int64_t)(next() % (uint64_t)bound); }

static void *block(size_t count) {
  void *found = NULL;
  if (posix_memalign(&found, 64, count ? count : 1) != 0) abort();
  memset(found, 0xA5, count);
  return found;
}

static void check(int holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "wrong: %s\n", what);
  exit(3);
}
