/* What every anchor program shares: the clock, samples and their percentiles, shared words, and the promise
 * that no process outlives its parent nor waits for ever. One line of JSON on stdout is the whole result. */
#ifndef VSOC_BENCH_H
#define VSOC_BENCH_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A peer that is silent for this long is gone: every wait is cut here and the program fails. */
enum { silence_ms = 5000 };

static inline void fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, errno ? strerror(errno) : "gave up waiting");
  exit(1);
}

static inline void die_with(pid_t parent) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) fail("prctl");
  if (getppid() != parent) exit(1); /* the parent went before the request was made */
}

static inline int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static inline int shared_memfd(size_t size) {
  int fd = memfd_create("bench", MFD_CLOEXEC);
  if (fd < 0 || ftruncate(fd, (off_t)size) != 0) fail("memfd");
  return fd;
}

static inline uint8_t *map_shared(size_t size) {
  int fd = shared_memfd(size);
  void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
  if (at == MAP_FAILED) fail("mmap");
  close(fd);
  return at;
}

static inline uint32_t load(uint32_t *word) { return __atomic_load_n(word, __ATOMIC_SEQ_CST); }
static inline void store(uint32_t *word, uint32_t value) { __atomic_store_n(word, value, __ATOMIC_SEQ_CST); }

/* The process that measures runs on CPU `here`, the ones that answer it on `there`; -1 leaves it open. */
struct run {
  uint32_t trips, warm_up;
  int here, there;
  int64_t *samples_ns;
};

static inline void pin(int cpu) {
  if (cpu < 0) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET((unsigned)cpu, &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0) fail("sched_setaffinity");
}

/* argv: TRIPS WARM_UP HERE THERE. The bench passes the same numbers to its own side. */
static inline struct run run_of(int argc, char **argv) {
  struct run run = {0};
  if (argc >= 5) {
    run.trips = (uint32_t)atoi(argv[1]), run.warm_up = (uint32_t)atoi(argv[2]);
    run.here = atoi(argv[3]), run.there = atoi(argv[4]);
  }
  if (run.trips == 0) {
    fprintf(stderr, "usage: %s TRIPS WARM_UP HERE THERE …\n", argv[0]);
    exit(2);
  }
  run.samples_ns = calloc(run.trips, sizeof *run.samples_ns);
  if (!run.samples_ns) fail("calloc");
  die_with(getppid());
  pin(run.here);
  return run;
}

/* Forks a process for the other side. It ends when this one does, by whatever way. */
static inline pid_t fork_there(const struct run *run) {
  pid_t self = getpid(), child = fork();
  if (child < 0) fail("fork");
  if (child == 0) die_with(self), pin(run->there);
  return child;
}

static inline void record(struct run *run, uint32_t trip, int64_t ns) {
  if (trip >= run->warm_up) run->samples_ns[trip - run->warm_up] = ns;
}

static inline int by_value(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/* Nearest rank, as src/statistics.ts computes it. */
static inline int64_t percentile(const struct run *run, uint32_t percent) {
  uint64_t rank = ((uint64_t)run->trips * percent + 99) / 100;
  return run->samples_ns[rank == 0 ? 0 : rank - 1];
}

/* `per` is how many operations one sample holds. */
static inline void report(struct run *run, double per) {
  qsort(run->samples_ns, run->trips, sizeof *run->samples_ns, by_value);
  printf("{\"p50Ns\":%.3f,\"p99Ns\":%.3f}\n", percentile(run, 50) / per, percentile(run, 99) / per);
}
#endif
