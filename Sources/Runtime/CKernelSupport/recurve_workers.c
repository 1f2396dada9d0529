// Fork and join by counters. For a run the caller writes every worker's part: how many shares, how many are taken, and which
// run they belong to, in one word, so that a late worker takes nothing of another run. `remaining` counts the shares that
// have not returned. Both sides spin first and then sleep on a futex, and announce that they sleep, so that a hot run makes
// no system call.
//
// Threads are pinned to CPUs of their own: an unpinned worker is woken on the waker's CPU and spins against it, which was
// measured at 50 to 575 microseconds instead of 15. recurve_lost_time.inc gives that up while others need the CPUs.
#define _GNU_SOURCE
#include "include/recurve_workers.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
  cache_line = 64,
  most_shares_of_a_part = UINT16_MAX,
  // More than a product needs of a worker's stack, and most rows of kernels besides.
  touched_stack = 128 << 10,
  smallest_page = 4096
};

// What a thread last saw of its own time.
typedef struct {
  int64_t wall, processor, slept;  // nanoseconds
  int64_t sleeps, voluntary, involuntary;
} recurve_moment;

typedef struct {
  recurve_pool *pool;
  pthread_t thread;
  int64_t index;
  recurve_moment last;
  // Of its own will, since its start.
  int64_t slept, sleeps;
} recurve_worker;

// A worker's part of a run, written by the caller.
typedef struct {
  // The run in the upper half; then how many shares are taken, and of how many.
  _Alignas(cache_line) _Atomic uint64_t shares;
  _Atomic uint32_t generation;
  _Atomic uint32_t sleeps;
  // Read by those who have taken a share only.
  recurve_pool_body body;
  void *context;
  int64_t first, share_count;
} recurve_part;

struct recurve_pool {
  // Written by all workers, read by the caller.
  _Alignas(cache_line) _Atomic uint32_t remaining;
  _Atomic uint32_t caller_sleeps;
  // Written by workers that lost time: when that began, and how much they lost so far.
  _Alignas(cache_line) _Atomic int64_t noticed;
  _Atomic int64_t lost;
  // Written by the caller, seldom.
  _Alignas(cache_line) _Atomic int64_t active;
  _Atomic int spins;
  _Atomic int stopping;
  // Whether workers run their own shares only.
  _Atomic int apart;
  // The caller's own.
  _Alignas(cache_line) uint32_t generation;
  int is_pinned;
  int64_t changed, next_trial, patience;
  recurve_pool_record record;
  // Constant.
  int64_t worker_count, started;
  int has_own_cpus;
  cpu_set_t allowed;
  recurve_worker *workers;
  recurve_part *parts;
};

static inline void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb" ::: "memory");  // `yield` does nothing on most cores
#endif
}

static void wake(_Atomic uint32_t *word) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0); }

#include "recurve_lost_time.inc"

static void sleep_while(recurve_worker *self, _Atomic uint32_t *word, uint32_t value) {
  int64_t start = nanoseconds(CLOCK_MONOTONIC);
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
  self->slept += nanoseconds(CLOCK_MONOTONIC) - start;
  self->sleeps++;
}

// Waits for `word` to differ from `value` by spinning; whether it did.
static int spin_until_changed(const recurve_pool *pool, _Atomic uint32_t *word, uint32_t value) {
  int spins = atomic_load_explicit(&pool->spins, memory_order_relaxed);
  for (int i = 0; i < spins; i++) {
    if (atomic_load_explicit(word, memory_order_acquire) != value) return 1;
    pause_briefly();
  }
  // With fewer CPUs than workers the other one may need this CPU.
  for (int i = 0; i < 4 && !pool->has_own_cpus; i++) {
    if (atomic_load_explicit(word, memory_order_acquire) != value) return 1;
    sched_yield();
  }
  return atomic_load_explicit(word, memory_order_acquire) != value;
}

// Takes the next share of a part and runs it; 0 where none is left of this run.
static int run_next_share(const recurve_pool *pool, recurve_part *part, int64_t worker, uint32_t generation) {
  uint64_t before = atomic_load_explicit(&part->shares, memory_order_acquire);
  for (;;) {
    uint64_t taken = before >> 16 & UINT16_MAX;
    if (before >> 32 != generation || taken >= (before & UINT16_MAX)) return 0;
    if (atomic_compare_exchange_weak_explicit(
            &part->shares, &before, before + (1 << 16), memory_order_acquire, memory_order_acquire)) {
      recurve_share share = {part->first + (int64_t)taken, part->share_count, worker, pool->worker_count};
      part->body(part->context, &share);
      return 1;
    }
  }
}

// Runs what there is to run, its own part first; how many shares that was.
static uint32_t run_shares(recurve_pool *pool, int64_t worker, uint32_t generation) {
  int64_t active = atomic_load_explicit(&pool->active, memory_order_relaxed);
  int64_t parts = atomic_load_explicit(&pool->apart, memory_order_relaxed) ? 1 : active;
  uint32_t count = 0;
  for (int64_t i = 0; i < parts; i++)
    while (run_next_share(pool, &pool->parts[(worker + i) % active], worker, generation)) count++;
  return count;
}

// The first touch of a page is an interruption: once, here, not whenever a worker first gets a share of some kernel.
static __attribute__((noinline)) void touch_stack(void) {
  volatile char stack[touched_stack];
  for (int i = 0; i < touched_stack; i += smallest_page) stack[i] = 0;
}

static void *work(void *argument) {
  touch_stack();
  recurve_worker *self = argument;
  recurve_pool *pool = self->pool;
  recurve_part *own = &pool->parts[self->index];
  self->last = present_moment(self);
  for (uint32_t seen = 0;;) {
    if (!spin_until_changed(pool, &own->generation, seen)) {
      // Sequentially consistent on both sides: either the caller sees a sleeper or the sleeper sees the new generation.
      atomic_store(&own->sleeps, 1);
      while (atomic_load(&own->generation) == seen) sleep_while(self, &own->generation, seen);
      atomic_store(&own->sleeps, 0);
    }
    seen = atomic_load_explicit(&own->generation, memory_order_acquire);
    if (atomic_load_explicit(&pool->stopping, memory_order_acquire)) return NULL;
    uint32_t count = run_shares(pool, self->index, seen);
    if (count > 0 && atomic_fetch_sub(&pool->remaining, count) == count && atomic_load(&pool->caller_sleeps))
      wake(&pool->remaining);
    look_at_time(self);
  }
}

static void publish(recurve_part *part, uint32_t generation, int64_t count) {
  atomic_store_explicit(&part->shares, (uint64_t)generation << 32 | (uint64_t)count, memory_order_release);
  atomic_store(&part->generation, generation);
  if (atomic_load(&part->sleeps)) wake(&part->generation);
}

static void wait_for_others(recurve_pool *pool) {
  uint32_t remaining;
  while ((remaining = atomic_load_explicit(&pool->remaining, memory_order_acquire)) != 0) {
    if (spin_until_changed(pool, &pool->remaining, remaining)) continue;
    atomic_store(&pool->caller_sleeps, 1);
    // A futex compares again before it sleeps; only the last worker wakes, so sleep for any count that is not zero.
    while ((remaining = atomic_load(&pool->remaining)) != 0) sleep_while(&pool->workers[0], &pool->remaining, remaining);
    atomic_store(&pool->caller_sleeps, 0);
    return;
  }
}

// Shares first ..< first + count, of which every part's word can count its own.
static void run_range(
    recurve_pool *pool, recurve_pool_body body, void *context, int64_t first, int64_t count, int64_t share_count) {
  int64_t active = atomic_load_explicit(&pool->active, memory_order_relaxed);
  uint32_t generation = ++pool->generation;
  atomic_store_explicit(&pool->remaining, (uint32_t)count, memory_order_relaxed);
  for (int64_t worker = 0; worker < active; worker++) {
    recurve_part *part = &pool->parts[worker];
    const recurve_share owner = {.index = worker, .count = active};
    int64_t begin = recurve_share_begin(&owner, count);
    part->body = body;
    part->context = context;
    part->first = first + begin;
    part->share_count = share_count;
    publish(part, generation, recurve_share_end(&owner, count) - begin);
  }
  uint32_t done = run_shares(pool, 0, generation);
  if (atomic_fetch_sub(&pool->remaining, done) != done) wait_for_others(pool);
}

static void run_alone(const recurve_pool *pool, recurve_pool_body body, void *context, int64_t count) {
  for (recurve_share share = {0, count, 0, pool->worker_count}; share.index < count; share.index++) body(context, &share);
}

void recurve_pool_run(recurve_pool *pool, recurve_pool_body body, void *context, int64_t count) {
  if (pool->worker_count == 1) return run_alone(pool, body, context, count);
  adapt(pool);
  int64_t active = atomic_load_explicit(&pool->active, memory_order_relaxed);
  pool->record.runs++;
  pool->record.smaller_runs += active < pool->worker_count;
  if (active == 1) return run_alone(pool, body, context, count);
  int64_t most = active * most_shares_of_a_part;
  for (int64_t first = 0; first < count; first += most)
    run_range(pool, body, context, first, count - first < most ? count - first : most, count);
}

void recurve_pool_run_apart(recurve_pool *pool, recurve_pool_body body, void *context, int64_t count) {
  // Seen by whoever sees a part of this run; nobody else finds shares to take.
  atomic_store_explicit(&pool->apart, 1, memory_order_relaxed);
  recurve_pool_run(pool, body, context, count);
  atomic_store_explicit(&pool->apart, 0, memory_order_relaxed);
}

recurve_pool *recurve_pool_create(int64_t workers) {
  if (workers < 1 || workers > RECURVE_MOST_WORKERS) {
    errno = EINVAL;
    return NULL;
  }
  recurve_pool *pool = aligned_alloc(cache_line, sizeof *pool);
  if (!pool) return NULL;
  *pool = (recurve_pool){.worker_count = workers, .active = workers, .started = 1, .patience = shortest_patience};
  pool->workers = calloc((size_t)workers, sizeof *pool->workers);
  pool->parts = aligned_alloc(cache_line, (size_t)workers * sizeof *pool->parts);
  if (!pool->workers || !pool->parts) {
    free(pool->workers);
    free(pool->parts);
    free(pool);
    errno = ENOMEM;
    return NULL;
  }
  memset(pool->parts, 0, (size_t)workers * sizeof *pool->parts);
  CPU_ZERO(&pool->allowed);
  if (sched_getaffinity(0, sizeof pool->allowed, &pool->allowed) != 0) CPU_SET(0, &pool->allowed);
  pool->has_own_cpus = CPU_COUNT(&pool->allowed) >= workers;
  atomic_store(&pool->spins, pool->has_own_cpus ? long_spin : short_spin);
  pool->workers[0] = (recurve_worker){.pool = pool};
  pool->workers[0].last = present_moment(&pool->workers[0]);
  for (int64_t i = 1; i < workers; i++) {
    pool->workers[i] = (recurve_worker){.pool = pool, .index = i};
    int error = pthread_create(&pool->workers[i].thread, NULL, work, &pool->workers[i]);
    if (error != 0) {
      recurve_pool_destroy(pool);
      errno = error;
      return NULL;
    }
    pool->started = i + 1;
  }
  pin_threads(pool);
  return pool;
}

int64_t recurve_allowed_cpu_count(void) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  return sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 1;
}

int64_t recurve_pool_worker_count(const recurve_pool *pool) { return pool->worker_count; }

recurve_pool_record recurve_pool_get_record(recurve_pool *pool) {
  recurve_pool_record record = pool->record;
  record.lost_nanoseconds = atomic_load_explicit(&pool->lost, memory_order_relaxed);
  return record;
}

void recurve_pool_count_from(recurve_pool *pool, uint32_t generation) { pool->generation = generation; }

void recurve_pool_destroy(recurve_pool *pool) {
  if (!pool) return;
  atomic_store(&pool->stopping, 1);
  pool->generation++;
  for (int64_t i = 1; i < pool->started; i++) publish(&pool->parts[i], pool->generation, 0);
  for (int64_t i = 1; i < pool->started; i++) pthread_join(pool->workers[i].thread, NULL);
  free(pool->workers);
  free(pool->parts);
  free(pool);
}
