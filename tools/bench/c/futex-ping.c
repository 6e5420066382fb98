/* Two processes, two words on cache lines of their own, each asleep in the kernel until the other's word
 * changes: the shortest blocking round trip there is. */
#include "bench.h"
#include <linux/futex.h>
#include <sys/syscall.h>

enum { ping = 0, pong = 32 };

/* An absolute deadline as the TypeScript side has it: FUTEX_WAIT_BITSET on CLOCK_MONOTONIC. */
static void wait_for(uint32_t *word, uint32_t old) {
  int64_t at = now_ns() + silence_ms * 1000000ll;
  struct timespec deadline = {at / 1000000000, at % 1000000000};
  while (load(word) == old) {
    long rc = syscall(SYS_futex, word, FUTEX_WAIT_BITSET, old, &deadline, NULL, FUTEX_BITSET_MATCH_ANY);
    if (rc != 0 && errno != EAGAIN && errno != EINTR) fail("futex wait");
  }
}

static void set(uint32_t *word, uint32_t value) {
  store(word, value);
  syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

int main(int argc, char **argv) {
  struct run run = run_of(argc, argv);
  uint32_t *words = (uint32_t *)map_shared(65536), total = run.trips + run.warm_up;
  if (fork_there(&run) == 0) {
    for (uint32_t trip = 0; trip < total; trip++) wait_for(&words[ping], trip), set(&words[pong], trip + 1);
    return 0;
  }
  for (uint32_t trip = 0; trip < total; trip++) {
    int64_t start = now_ns();
    set(&words[ping], trip + 1);
    wait_for(&words[pong], trip);
    record(&run, trip, now_ns() - start);
  }
  report(&run, 1);
}
