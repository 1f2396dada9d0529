// Pools of several sizes over many generations: every share runs once, and what it wrote is seen after the join.
#define _GNU_SOURCE
#include "driver.h"
#include "recurve_workers.h"

#include <time.h>

typedef struct {
  int64_t *runs;
  int64_t sum;
} counts;

static void count_share(void *context, const recurve_share *share) {
  counts *self = context;
  check(share->worker < share->workers && share->index < share->count, "a share is in range");
  self->runs[share->index]++;
}

static void run(recurve_pool *pool, int64_t workers, int generations) {
  for (int i = 0; i < generations; i++) {
    int64_t shares = workers + below(40);
    counts context = {block((size_t)shares * sizeof(int64_t)), 0};
    memset(context.runs, 0, (size_t)shares * sizeof(int64_t));
    recurve_pool_run(pool, count_share, &context, shares);
    for (int64_t s = 0; s < shares; s++) check(context.runs[s] == 1, "a share runs once");
    free(context.runs);
    // Longer than workers spin, now and then.
    if (i % 200 == 0) nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
  }
}

int main(int count, char **arguments) {
  state = count > 1 ? strtoull(arguments[1], NULL, 10) : 1;
  for (int round = 0; round < 8; round++) {
    int64_t workers = 1 + round % 4;
    recurve_pool *pool = recurve_pool_create(workers);
    check(pool && recurve_pool_worker_count(pool) == workers, "a pool is made");
    // The counter of runs wraps in the second half.
    if (round >= 4) recurve_pool_count_from(pool, UINT32_MAX - 50);
    run(pool, workers, round < 4 ? 800 : 100);
    recurve_pool_destroy(pool);
  }
  check(!recurve_pool_create(0) && !recurve_pool_create(-1), "no pool without workers");
  recurve_pool_destroy(NULL);
  return 0;
}
