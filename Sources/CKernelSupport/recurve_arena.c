#define _GNU_SOURCE
#include "include/recurve_arena.h"

#include <errno.h>
#include <stddef.h>
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
