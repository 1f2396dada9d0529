// A fixed team of threads that runs one function at a time on every worker and joins: the only way in which compiled
// programs use more than one CPU. Hot, a fork and join costs well below a microsecond; idle workers sleep.
#ifndef RECURVE_WORKERS_H
#define RECURVE_WORKERS_H

#include <stdint.h>

#include "recurve_share.h"

typedef struct recurve_pool recurve_pool;
typedef void (*recurve_pool_body)(void *_Nullable context, const recurve_share *_Nonnull share);

// A pool of `workers` >= 1 workers, workers - 1 of them threads of its own, or NULL with errno set.
recurve_pool *_Nullable recurve_pool_create(int64_t workers);

// Calls the body once for every one of `count` shares and returns when all have returned; what they wrote is visible to the
// caller. There are at least as many shares as workers, and every worker owns its part of them, in order: it runs the first
// of them in any case, and whoever is ready takes over what others have left.
//
// The calling thread is worker 0. One thread at a time may run a pool, and a body may not run it.
void recurve_pool_run(recurve_pool *_Nonnull pool, recurve_pool_body _Nonnull body, void *_Nullable context, int64_t count);

int64_t recurve_pool_worker_count(const recurve_pool *_Nonnull pool);

// NULL is allowed. The pool must not be running.
void recurve_pool_destroy(recurve_pool *_Nullable pool);

#endif
