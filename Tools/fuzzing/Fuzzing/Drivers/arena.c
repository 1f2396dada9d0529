// Arenas of random sizes, written from end to end.
#define _GNU_SOURCE
#include "driver.h"
#include "recurve_arena.c"

static void mark(int64_t bytes) {
  char *memory = block((size_t)bytes);
  uint64_t *marks = block((size_t)((bytes + 63) / 64) * sizeof *marks);
  memset(marks, 0, (size_t)((bytes + 63) / 64) * sizeof *marks);
  int64_t first = below(bytes), end = first + below(bytes - first + 1);
  memset(memory + first, 0x5A, (size_t)(end - first));
  recurve_mark_written(memory, bytes, 0xA5, marks);
  check(recurve_count_marks(marks, 0, bytes) == end - first, "written bytes are marked");
  check(recurve_count_marks(marks, first, end) == end - first, "and in their place");
  check(recurve_first_other(memory, bytes, 0xA5) == (first < end ? first : -1), "the first one is found");
  uint64_t hash = recurve_hash(memory, bytes);
  memory[below(bytes)] ^= 1;
  check(recurve_hash(memory, bytes) != hash, "another byte is another hash");
  free(memory);
  free(marks);
}

int main(int count, char **arguments) {
  state = count > 1 ? strtoull(arguments[1], NULL, 10) : 1;
  for (int round = 0; round < 200; round++) {
    int64_t bytes = 1 + below(round % 10 == 0 ? INT64_C(9) << 20 : 70000);
    char *base = recurve_arena_create(bytes);
    check(base && (uintptr_t)base % (2 << 20) == 0, "an arena is aligned");
    check(base[0] == 0 && base[bytes - 1] == 0, "an arena is zero");
    memset(base, 0x5A, (size_t)bytes);
    check(recurve_arena_resident_byte_count(base, bytes) >= bytes, "what was written is in memory");
    recurve_arena_destroy(base, bytes);
    mark(1 + below(3000));
  }
  const int64_t impossible[] = {0, -1, INT64_MIN, INT64_MAX, INT64_MAX - 1};
  for (size_t i = 0; i < sizeof impossible / sizeof *impossible; i++)
    check(!recurve_arena_create(impossible[i]), "no arena of an impossible size");
  recurve_arena_destroy(NULL, 5);
  return 0;
}
