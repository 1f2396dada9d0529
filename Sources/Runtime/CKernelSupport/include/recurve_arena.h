// Memory for a whole program: one mapping, on huge pages where the kernel has them. The first touch of 128 MiB takes 8.5 ms
// on them, 49 ms on small ones.
#ifndef RECURVE_ARENA_H
#define RECURVE_ARENA_H

#include <stdint.h>

// `bytes` of zeros at a multiple of 2 MiB, or NULL with errno set. No memory is used before it is touched.
void *_Nullable recurve_arena_create(int64_t bytes);

// `bytes` as given to recurve_arena_create; NULL is allowed.
void recurve_arena_destroy(void *_Nullable base, int64_t bytes);

// Gives all memory back to the system, the rest of the last huge page too; what is read next is zero. 0, or -1 with errno
// set.
int recurve_arena_release(void *_Nonnull base, int64_t bytes);

// How many bytes of base ..< base + bytes are in memory, in whole pages, or -1 with errno set. `base` must be a multiple
// of the page size. On huge pages one touched byte makes 2 MiB resident.
int64_t recurve_arena_resident_byte_count(const void *_Nonnull base, int64_t bytes);

// Marks, a bit each, the bytes that differ from the pattern that memory was filled with.
void recurve_mark_written(
    const void *_Nonnull memory, int64_t bytes, unsigned char pattern, uint64_t *_Nonnull marks);

// How many of the bytes first ..< end are marked.
int64_t recurve_count_marks(const uint64_t *_Nonnull marks, int64_t first, int64_t end);

// The first byte that differs from a pattern, -1 if none does.
int64_t recurve_first_other(const void *_Nonnull memory, int64_t bytes, unsigned char pattern);

// Equal bytes have equal hashes; others hardly ever.
uint64_t recurve_hash(const void *_Nonnull memory, int64_t bytes);

#endif
