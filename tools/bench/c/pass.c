/* A memfd handed to another process and mapped there: sent by SCM_RIGHTS, mapped, its first byte read, unmapped and
 * closed, one byte answered. argv: … BYTES. */
#include "descriptors.h"
#include <sys/time.h>

/* As long as the message that names a buffer. */
struct reference {
  uint32_t epoch, entry, generation;
};

static const struct descriptors none = {{0}, 0};

static void answer(int channel, size_t size) {
  struct reference reference;
  struct descriptors attached;
  while (receive_with(channel, &reference, sizeof reference, &attached)) {
    if (attached.count != 1) fail("descriptor");
    uint8_t *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, attached.fds[0], 0);
    if (bytes == MAP_FAILED) fail("mmap");
    uint8_t first = *(volatile uint8_t *)bytes;
    if (munmap(bytes, size) != 0 || close(attached.fds[0]) != 0) fail("let go");
    send_with(channel, &first, sizeof first, none);
  }
}

int main(int argc, char **argv) {
  struct run run = run_of(argc, argv);
  if (argc != 6) fail("BYTES expected");
  size_t size = strtoul(argv[5], NULL, 10);
  int channel[2], fd = shared_memfd(size);
  uint8_t *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (bytes == MAP_FAILED) fail("mmap");
  memset(bytes, 0xa5, size);
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) != 0) fail("socketpair");
  if (fork_there(&run) == 0) {
    close(channel[1]);
    answer(channel[0], size);
    return 0;
  }
  struct timeval silence = {.tv_sec = silence_ms / 1000};
  if (setsockopt(channel[1], SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence) != 0) fail("setsockopt");
  for (uint32_t trip = 0; trip < run.trips + run.warm_up; trip++) {
    struct reference reference = {.generation = trip};
    struct descriptors attached;
    uint8_t first = 0;
    int64_t start = now_ns();
    send_with(channel[1], &reference, sizeof reference, (struct descriptors){{fd}, 1});
    if (!receive_with(channel[1], &first, sizeof first, &attached) || first != 0xa5) fail("answer");
    record(&run, trip, now_ns() - start);
  }
  report(&run, 1);
}
