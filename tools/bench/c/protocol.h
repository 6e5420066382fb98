/* The signal protocol over one table, in C: post (steps 1 to 3) and drain (4 and 5). The hash, the look
 * before the swap and load-before-exchange are those of the TypeScript side, so that both do the same work. */
#ifndef VSOC_BENCH_PROTOCOL_H
#define VSOC_BENCH_PROTOCOL_H
#include "bench.h"

struct table {
  uint32_t *slots, *interrupt;
  uint32_t log2;
};

/* Returns true when the receiver may be asleep: the caller rings. */
static inline int post(const struct table *table, uint32_t offset) {
  uint32_t mask = (1u << table->log2) - 1;
  uint32_t at = ((offset >> 2) * 2654435769u) >> (32 - table->log2);
  for (uint32_t probe = 0; probe <= mask; probe++, at = (at + 1) & mask) {
    uint32_t seen = load(&table->slots[at]);
    if (seen == 0) {
      __atomic_compare_exchange_n(&table->slots[at], &seen, offset, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    }
    if (seen == 0 || seen == offset) break; /* a failed swap leaves in `seen` what was there */
  }
  return __atomic_exchange_n(table->interrupt, 1, __ATOMIC_SEQ_CST) == 0;
}

/* Empties the table; returns how many words were named. Who calls tests all its waiters whatever comes. */
static inline uint32_t drain(const struct table *table) {
  uint32_t count = 0;
  __atomic_exchange_n(table->interrupt, 0, __ATOMIC_SEQ_CST);
  for (uint32_t at = 0; at < 1u << table->log2; at++) {
    if (load(&table->slots[at]) != 0 && __atomic_exchange_n(&table->slots[at], 0, __ATOMIC_SEQ_CST) != 0) count++;
  }
  return count;
}
#endif
