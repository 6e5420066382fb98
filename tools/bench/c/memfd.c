/* A buffer without an allocator: a memfd of its own, mapped, filled, unmapped and closed again. What is measured is the
 * whole of it or one part. argv: … BYTES PART. */
#include "bench.h"

enum mark { asked, mapped, filled, freed };

static const struct part {
  const char *name;
  enum mark from, to;
} parts[] = {
    {"cycle", asked, freed},
    {"first", asked, filled},
    {"allocate", asked, mapped},
    {"fill", mapped, filled},
    {"free", filled, freed},
};

static const struct part *part_of(const char *name) {
  for (size_t at = 0; at < sizeof parts / sizeof parts[0]; at++)
    if (strcmp(parts[at].name, name) == 0) return &parts[at];
  fail(name);
  return NULL;
}

int main(int argc, char **argv) {
  struct run run = run_of(argc, argv);
  if (argc != 7) fail("BYTES and PART expected");
  size_t size = strtoul(argv[5], NULL, 10);
  const struct part *part = part_of(argv[6]);
  for (uint32_t trip = 0; trip < run.trips + run.warm_up; trip++) {
    int64_t at_ns[freed + 1];
    at_ns[asked] = now_ns();
    int fd = shared_memfd(size);
    void *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (bytes == MAP_FAILED) fail("mmap");
    at_ns[mapped] = now_ns();
    memset(bytes, 0xa5, size);
    __asm__ volatile("" : : "r"(bytes) : "memory"); /* or the compiler leaves out what nobody reads */
    at_ns[filled] = now_ns();
    if (munmap(bytes, size) != 0 || close(fd) != 0) fail("free");
    at_ns[freed] = now_ns();
    record(&run, trip, at_ns[part->to] - at_ns[part->from]);
  }
  report(&run, 1);
}
