/* What a signal costs apart from every wake-up: posting 1024 words a page apart into a table of 4096 slots
 * (`post`), and draining a table of 1024 slots that names one word (`drain`). */
#include "protocol.h"

enum { posted_words = 1024, stride_bytes = 4096, post_log2 = 12, drain_log2 = 10 };

static struct table make_table(uint32_t log2) {
  uint32_t *words = (uint32_t *)map_shared(65536);
  return (struct table){.slots = words + 32, .interrupt = words, .log2 = log2};
}

static int64_t post_all(const struct table *table) {
  int64_t start = now_ns();
  for (uint32_t word = 0; word < posted_words; word++) post(table, 65536 + word * stride_bytes);
  return now_ns() - start;
}

int main(int argc, char **argv) {
  struct run run = run_of(argc, argv);
  const char *mode = argc == 6 ? argv[5] : "";
  int posting = strcmp(mode, "post") == 0;
  if (!posting && strcmp(mode, "drain") != 0) {
    fprintf(stderr, "%s: the last argument is 'post' or 'drain'\n", argv[0]);
    return 2;
  }
  struct table table = make_table(posting ? post_log2 : drain_log2);
  for (uint32_t trip = 0; trip < run.trips + run.warm_up; trip++) {
    if (posting) {
      record(&run, trip, post_all(&table));
      if (drain(&table) != posted_words) fail("a posted word is missing");
      continue;
    }
    post(&table, 65536 + (trip % posted_words) * stride_bytes);
    int64_t start = now_ns();
    uint32_t drained = drain(&table);
    record(&run, trip, now_ns() - start);
    if (drained != 1) fail("the posted word is missing");
  }
  report(&run, posting ? posted_words : 1);
}
