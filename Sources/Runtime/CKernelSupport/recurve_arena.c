#define _GNU_SOURCE
#include "include/recurve_arena.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const int64_t huge_page_bytes = INT64_C(2) << 20;

static int64_t whole_huge_pages(int64_t bytes) { return (bytes + huge_page_bytes - 1) / huge_page_bytes * huge_page_bytes; }

void *recurve_arena_create(int64_t bytes) {
  if (bytes <= 0 || bytes > INT64_MAX - 2 * huge_page_bytes) {
    errno = bytes <= 0 ? EINVAL : ENOMEM;
    return NULL;
  }
  int64_t size = whole_huge_pages(bytes);
  // mmap aligns to small pages only: map one huge page more and give back what lies outside.
  char *mapping =
      mmap(NULL, (size_t)(size + huge_page_bytes), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED) return NULL;
  int64_t before = (int64_t)(-(uintptr_t)mapping & (uintptr_t)(huge_page_bytes - 1));
  if (before > 0) munmap(mapping, (size_t)before);
  char *base = mapping + before;
  if (huge_page_bytes - before > 0) munmap(base + size, (size_t)(huge_page_bytes - before));
#ifdef MADV_HUGEPAGE
  // A kernel without huge pages refuses; small pages are correct too.
  int saved = errno;
  madvise(base, (size_t)size, MADV_HUGEPAGE);
  errno = saved;
#endif
  return base;
}

void recurve_arena_destroy(void *base, int64_t bytes) {
  if (base) munmap(base, (size_t)whole_huge_pages(bytes));
}

int recurve_arena_release(void *base, int64_t bytes) {
  // A part of a huge page would be given back by splitting it into small ones.
  return madvise(base, (size_t)whole_huge_pages(bytes), MADV_DONTNEED);
}

int64_t recurve_arena_resident_byte_count(const void *base, int64_t bytes) {
  int64_t page = sysconf(_SC_PAGESIZE), resident = 0;
  unsigned char states[4096];
  for (int64_t offset = 0; offset < bytes; offset += page * (int64_t)sizeof states) {
    int64_t pages = (bytes - offset + page - 1) / page;
    if (pages > (int64_t)sizeof states) pages = sizeof states;
    if (mincore((char *)(uintptr_t)base + offset, (size_t)(pages * page), states) != 0) return -1;
    for (int64_t i = 0; i < pages; i++) resident += states[i] & 1;
  }
  return resident * page;
}

static int is_filled(const unsigned char *bytes, int64_t count, unsigned char pattern) {
  return bytes[0] == pattern && memcmp(bytes, bytes + 1, (size_t)(count - 1)) == 0;
}

void recurve_mark_written(const void *memory, int64_t bytes, unsigned char pattern, uint64_t *marks) {
  const unsigned char *from = memory;
  for (int64_t first = 0; first < bytes; first += 64) {
    int64_t count = bytes - first < 64 ? bytes - first : 64;
    if (is_filled(from + first, count, pattern)) continue;
    for (int64_t i = 0; i < count; i++) marks[first / 64] |= (uint64_t)(from[first + i] != pattern) << i;
  }
}

int64_t recurve_count_marks(const uint64_t *marks, int64_t first, int64_t end) {
  int64_t count = 0;
  for (; first < end && first % 64 != 0; first++) count += marks[first / 64] >> first % 64 & 1;
  for (; first + 64 <= end; first += 64) count += __builtin_popcountll(marks[first / 64]);
  for (; first < end; first++) count += marks[first / 64] >> first % 64 & 1;
  return count;
}

int64_t recurve_first_other(const void *memory, int64_t bytes, unsigned char pattern) {
  const unsigned char *from = memory;
  if (bytes == 0 || is_filled(from, bytes, pattern)) return -1;
  int64_t first = 0;
  while (from[first] == pattern) first++;
  return first;
}

uint64_t recurve_hash(const void *memory, int64_t bytes) {
  const unsigned char *from = memory;
  uint64_t hash = 0x9E3779B97F4A7C15u ^ (uint64_t)bytes;
  for (int64_t i = 0; i < bytes; i += 8) {
    uint64_t word = 0;
    memcpy(&word, from + i, (size_t)(bytes - i < 8 ? bytes - i : 8));
    hash = (hash ^ word) * 0xD6E8FEB86659FD93u;
    hash ^= hash >> 32;
  }
  return hash;
}
