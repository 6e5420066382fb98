/* Zeroing memory that is mapped and touched: what no way of freeing an area for the next owner can go below.
 * argv: … BYTES. */
#include "bench.h"

int main(int argc, char **argv) {
  struct run run = run_of(argc, argv);
  if (argc != 6) fail("BYTES expected");
  size_t size = strtoul(argv[5], NULL, 10);
  uint8_t *bytes = map_shared(size);
  for (uint32_t trip = 0; trip < run.trips + run.warm_up; trip++) {
    int64_t start = now_ns();
    memset(bytes, 0, size);
    __asm__ volatile("" : : "r"(bytes) : "memory"); /* or the compiler leaves out what nobody reads */
    record(&run, trip, now_ns() - start);
  }
  report(&run, 1);
}
