/* An eventfd that nobody reads, watched edge-triggered: how every process here is woken into its loop. */
#ifndef VSOC_BENCH_DOORBELL_H
#define VSOC_BENCH_DOORBELL_H
#include "bench.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>

static inline int make_doorbell(void) {
  int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) fail("eventfd");
  return fd;
}

static inline void ring(int doorbell) {
  uint64_t one = 1;
  if (write(doorbell, &one, sizeof one) != sizeof one && errno != EAGAIN) fail("ring");
}

static inline void watch(int loop, int fd, uint32_t events) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  if (epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
}

static inline int make_loop(void) {
  int loop = epoll_create1(EPOLL_CLOEXEC);
  if (loop < 0) fail("epoll_create1");
  return loop;
}

/* Sleeps until something is ready; returns how many of at most `room` events are. */
static inline int next_events(int loop, struct epoll_event *events, int room) {
  int count;
  do count = epoll_wait(loop, events, room, silence_ms);
  while (count < 0 && errno == EINTR);
  if (count <= 0) errno = count == 0 ? 0 : errno, fail("epoll_wait");
  return count;
}
#endif
