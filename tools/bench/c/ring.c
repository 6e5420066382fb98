/* The byte ring in C between two processes that spin: the same words on the same lines, free-running cursors, the
 * other side's cursor cached, one release store to publish and one look at the peer's sleep word. */
#include "bench.h"

enum { line = 32, sleep_word = 2, write_word = line, read_word = 2 * line, first_byte = 512 };

struct ring {
  uint32_t *words, capacity, own, cached;
  uint8_t *bytes;
};

static inline void give_way(uint64_t *turns, int64_t *since_ns) {
  if (++*turns % 0x1000000 != 0) return;
  if (*since_ns == 0) *since_ns = now_ns();
  if (now_ns() - *since_ns > silence_ms * 1000000ll) errno = 0, fail("spin");
}

static inline uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* Nobody sleeps here: a word that is set would be a peer's that is. */
static inline void publish(struct ring *ring, uint32_t word, uint32_t count, uint32_t sleeper) {
  ring->own += count;
  store(&ring->words[word], ring->own);
  if (load(&ring->words[sleeper]) != 0) fail("a peer sleeps");
}

static uint32_t write_some(struct ring *ring, const uint8_t *from, uint32_t wanted) {
  if (ring->capacity - (ring->own - ring->cached) < wanted) ring->cached = load(&ring->words[read_word]);
  uint32_t count = least(wanted, ring->capacity - (ring->own - ring->cached));
  if (count == 0) return 0;
  uint32_t at = ring->own & (ring->capacity - 1), before = least(count, ring->capacity - at);
  memcpy(ring->bytes + at, from, before);
  memcpy(ring->bytes, from + before, count - before);
  publish(ring, write_word, count, sleep_word);
  return count;
}

static uint32_t read_some(struct ring *ring, uint8_t *into, uint32_t wanted) {
  if (ring->cached - ring->own < wanted) ring->cached = load(&ring->words[write_word]);
  uint32_t count = least(wanted, ring->cached - ring->own);
  if (count == 0) return 0;
  uint32_t at = ring->own & (ring->capacity - 1), before = least(count, ring->capacity - at);
  memcpy(into, ring->bytes + at, before);
  memcpy(into + before, ring->bytes, count - before);
  publish(ring, read_word, count, sleep_word + 1);
  return count;
}

static _Noreturn void produce(struct ring *ring, uint8_t *chunk, uint32_t chunk_bytes) {
  uint64_t turns = 0;
  int64_t since_ns = 0;
  memset(chunk, 0xa5, chunk_bytes);
  for (;;) {
    if (write_some(ring, chunk, chunk_bytes) == 0) give_way(&turns, &since_ns);
    else turns = 0, since_ns = 0;
  }
}

int main(int argc, char **argv) {
  struct run run = run_of(argc, argv);
  if (argc != 8) return fprintf(stderr, "usage: %s … CAPACITY_LOG2 CHUNK_BYTES SAMPLE_BYTES\n", argv[0]), 2;
  uint32_t capacity = 1u << atoi(argv[5]), chunk_bytes = (uint32_t)atoi(argv[6]);
  int64_t sample_bytes = atoll(argv[7]);
  uint8_t *memory = map_shared(capacity + 65536), *chunk = malloc(chunk_bytes);
  if (!chunk) fail("malloc");
  struct ring ring = {.words = (uint32_t *)memory, .capacity = capacity, .bytes = memory + first_byte};
  if (fork_there(&run) == 0) produce(&ring, chunk, chunk_bytes);
  uint64_t turns = 0;
  int64_t since_ns = 0;
  for (uint32_t trip = 0; trip < run.trips + run.warm_up; trip++) {
    int64_t start = now_ns();
    for (int64_t left = sample_bytes; left > 0;) {
      uint32_t count = read_some(&ring, chunk, chunk_bytes);
      if (count == 0) give_way(&turns, &since_ns);
      else turns = 0, since_ns = 0;
      left -= count;
    }
    record(&run, trip, now_ns() - start);
  }
  report(&run, 1);
}
