/* Two processes, a word and a doorbell each way, each asleep in epoll: the event loop's round trip without
 * any event loop. */
#include "doorbell.h"

enum { ping = 0, pong = 32 };

static void wait_for(int loop, uint32_t *word, uint32_t old) {
  struct epoll_event event;
  while (load(word) == old) next_events(loop, &event, 1);
}

int main(int argc, char **argv) {
  struct run run = run_of(argc, argv);
  uint32_t *words = (uint32_t *)map_shared(65536), total = run.trips + run.warm_up;
  int there = make_doorbell(), back = make_doorbell();
  if (fork_there(&run) == 0) {
    int loop = make_loop();
    watch(loop, there, EPOLLIN | EPOLLET);
    for (uint32_t trip = 0; trip < total; trip++) {
      wait_for(loop, &words[ping], trip);
      store(&words[pong], trip + 1);
      ring(back);
    }
    return 0;
  }
  int loop = make_loop();
  watch(loop, back, EPOLLIN | EPOLLET);
  for (uint32_t trip = 0; trip < total; trip++) {
    int64_t start = now_ns();
    store(&words[ping], trip + 1);
    ring(there);
    wait_for(loop, &words[pong], trip);
    record(&run, trip, now_ns() - start);
  }
  report(&run, 1);
}
