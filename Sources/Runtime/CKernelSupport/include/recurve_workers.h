// A fixed team of threads that runs one function at a time on every worker and joins: the only way in which compiled
// programs use more than one CPU. Hot, a fork and join costs well below a microsecond; idle workers sleep.
//
// Workers notice the time that other programs take from them. While that lasts the team is smaller, pinned to no CPU.
#ifndef RECURVE_WORKERS_H
#define RECURVE_WORKERS_H

#include <stdint.h>

#include "recurve_share.h"

// The largest team.
#define RECURVE_MOST_WORKERS 4096

typedef struct recurve_pool recurve_pool;
typedef void (*recurve_pool_body)(void *_Nullable context, const recurve_share *_Nonnull share);

// A pool of 1 <= `workers` <= RECURVE_MOST_WORKERS workers, workers - 1 of them threads of its own, or NULL with errno set.
recurve_pool *_Nullable recurve_pool_create(int64_t workers);

// Calls the body once for every one of `count` shares and returns when all have returned; what they wrote is visible to the
// caller. Every worker owns a part of the shares, in order, and whoever is ready takes over what others have left: no
// worker is waited for that has taken none.
//
// The calling thread is worker 0. One thread at a time may run a pool, and a body may not run it.
void recurve_pool_run(recurve_pool *_Nonnull pool, recurve_pool_body _Nonnull body, void *_Nullable context, int64_t count);

// The same, but nobody takes over what others have left: every worker of the team runs the shares that it owns, and so is
// the first to touch the memory that it will need.
void recurve_pool_run_apart(
    recurve_pool *_Nonnull pool, recurve_pool_body _Nonnull body, void *_Nullable context, int64_t count);

// The smallest team that so many workers become while others need the CPUs: at least half of them.
static inline int64_t recurve_smallest_team(int64_t workers) { return (workers + 1) / 2; }

// For tests.
int64_t recurve_pool_worker_count(const recurve_pool *_Nonnull pool);

// What a pool saw since it was made.
typedef struct {
  // In which a worker wanted to run and did not, all workers together; with more workers than CPUs also because of each
  // other.
  int64_t lost_nanoseconds;
  // Runs of more than one share, and how many of them a smaller team did.
  int64_t runs, smaller_runs;
} recurve_pool_record;

// Only the thread that runs the pool may ask.
recurve_pool_record recurve_pool_get_record(recurve_pool *_Nonnull pool);

// CPUs that the affinity mask of the calling thread allows.
int64_t recurve_allowed_cpu_count(void);

// For tests: sets the counter of runs, which wraps.
void recurve_pool_count_from(recurve_pool *_Nonnull pool, uint32_t generation);

// NULL is allowed. The pool must not be running.
void recurve_pool_destroy(recurve_pool *_Nullable pool);

#endif
