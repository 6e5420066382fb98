/* Two processes that never sleep, two words on cache lines of their own: what the memory itself costs. */
#include "bench.h"

/* Round trips to a sample: reading the clock costs a good part of one. */
enum { ping = 0, pong = 32, burst = 10 };

/* The clock is read only every 65536 turns, so that the bound costs the round trip nothing. */
static void spin_for(uint32_t *word, uint32_t old) {
  int64_t until = 0;
  for (uint32_t turn = 1; load(word) == old; turn++) {
    if (turn % 65536 != 0) continue;
    if (until == 0) until = now_ns() + silence_ms * 1000000ll;
    if (now_ns() > until) fail("spin");
  }
}

int main(int argc, char **argv) {
  struct run run = run_of(argc, argv);
  uint32_t *words = (uint32_t *)map_shared(65536), total = (run.trips + run.warm_up) * burst;
  if (fork_there(&run) == 0) {
    for (uint32_t trip = 0; trip < total; trip++) spin_for(&words[ping], trip), store(&words[pong], trip + 1);
    return 0;
  }
  for (uint32_t trip = 0; trip < total;) {
    int64_t start = now_ns();
    for (uint32_t end = trip + burst; trip < end; trip++) store(&words[ping], trip + 1), spin_for(&words[pong], trip);
    record(&run, trip / burst - 1, now_ns() - start);
  }
  report(&run, burst);
}
