/* Claim and free as two C processes that make the same hops: the client asks its driver for an area with two tokens
 * attached, as CREATE has them; the driver checks both by their inodes, swaps the owner word and answers; the client
 * closes the area's token, the driver gets its hang-up, zeroes a page and frees the word, which the client spins for. */
#include "descriptors.h"
#include "doorbell.h"
#include <sys/stat.h>

enum { page_bytes = 4096, owner_offset = 0, area_offset = page_bytes, ask_open = 1, ask_claim = 2 };

/* As long as the protocol's: 12 bytes of head, 20 of fd_scoped_permission_arg. */
struct request {
  uint32_t id, number, argument;
  uint8_t rest[20];
};

static const struct descriptors none = {{0}, 0};

static int open_area(int loop, int channel, const struct request *request) {
  int token[2];
  if (pipe2(token, O_CLOEXEC) != 0) fail("pipe");
  watch(loop, token[0], 0);
  send_with(channel, request, sizeof *request, (struct descriptors){{token[1]}, 1});
  close(token[1]);
  return token[0];
}

static void claim(uint8_t *window, int channel, const struct request *request, const struct descriptors *tokens, int area) {
  struct stat seen, expected;
  uint32_t free_word = 0;
  if (tokens->count != 2) fail("tokens of a claim");
  if (fstat(tokens->fds[0], &seen) != 0 || !S_ISFIFO(seen.st_mode)) fail("manager's token");
  if (fstat(tokens->fds[1], &seen) != 0 || fstat(area, &expected) != 0) fail("area's token");
  if (seen.st_ino != expected.st_ino) fail("another area's token");
  uint32_t *owner = (uint32_t *)(window + owner_offset);
  if (!__atomic_compare_exchange_n(owner, &free_word, 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) fail("claim");
  close(tokens->fds[0]), close(tokens->fds[1]);
  send_with(channel, request, sizeof *request, none);
}

static void run_driver(uint8_t *window, int channel) {
  struct epoll_event events[4];
  struct request request;
  struct descriptors tokens;
  int area = -1, loop = make_loop();
  watch(loop, channel, EPOLLIN);
  for (;;) {
    int count = next_events(loop, events, 4);
    for (int at = 0; at < count; at++) {
      if (events[at].data.fd == channel) {
        if (!receive_with(channel, &request, sizeof request, &tokens)) return;
        if (request.number == ask_open) area = open_area(loop, channel, &request);
        else claim(window, channel, &request, &tokens, area);
      } else {
        close(area);
        memset(window + area_offset, 0, page_bytes);
        store((uint32_t *)(window + owner_offset), 0);
      }
    }
  }
}

static void run_client(uint8_t *window, int channel, struct run *run) {
  int manager[2];
  struct descriptors tokens;
  if (pipe2(manager, O_CLOEXEC) != 0) fail("pipe");
  for (uint32_t trip = 0; trip < run->trips + run->warm_up; trip++) {
    struct request request = {.id = trip, .number = ask_open};
    send_with(channel, &request, sizeof request, none);
    if (!receive_with(channel, &request, sizeof request, &tokens) || tokens.count != 1) fail("open");
    int area = tokens.fds[0];
    int64_t start = now_ns();
    request.number = ask_claim;
    send_with(channel, &request, sizeof request, (struct descriptors){{manager[1], area}, 2});
    if (!receive_with(channel, &request, sizeof request, &tokens)) fail("claim");
    close(area);
    while (load((uint32_t *)(window + owner_offset)) != 0)
      if (now_ns() - start > (int64_t)silence_ms * 1000000) fail("free");
    record(run, trip, now_ns() - start);
  }
}

int main(int argc, char **argv) {
  struct run run = run_of(argc, argv);
  uint8_t *window = map_shared(65536);
  int channel[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) != 0) fail("socketpair");
  if (fork_there(&run) == 0) {
    close(channel[1]);
    run_driver(window, channel[0]);
    return 0;
  }
  run_client(window, channel[1], &run);
  report(&run, 1);
}
