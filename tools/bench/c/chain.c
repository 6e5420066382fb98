/* host half ↔ guest half through driver and tables, as three C processes that make the same hops:
 *   host    posts host→guest (slot, interrupt word, doorbell)
 *   driver  edge on that doorbell: drains, tests the waiter, answers its COND_WAIT over seqpacket
 *   guest   woken by the answer: changes its word, posts guest→host, rings the host itself, and asks for its
 *           next COND_WAIT with the token's descriptor attached, as every request of the protocol has it
 *   host    edge on its doorbell: drains, tests its own waiter */
#include "doorbell.h"
#include "protocol.h"
#include <sys/socket.h>
#include <sys/stat.h>

enum { table_log2 = 4, ping_offset = 8192, pong_offset = 8320 };

/* As long as the protocol's messages: 12 bytes of head, then the wait's 32. The answer has the same length. */
struct request {
  uint32_t id, number, argument, offset, value;
  uint8_t rest[24];
};

struct window {
  uint8_t *bytes;
  struct table to_guest, to_host;
  int to_guest_doorbell, to_host_doorbell;
};

static uint32_t *word_at(const struct window *window, uint32_t offset) { return (uint32_t *)(window->bytes + offset); }

static struct window make_window(void) {
  struct window window = {.bytes = map_shared(65536)};
  window.to_guest = (struct table){word_at(&window, 4224), word_at(&window, 4096), table_log2};
  window.to_host = (struct table){word_at(&window, 4480), word_at(&window, 4352), table_log2};
  window.to_guest_doorbell = make_doorbell();
  window.to_host_doorbell = make_doorbell();
  return window;
}

static void send_with_token(int channel, struct request *request, int token) {
  struct iovec part = {request, sizeof *request};
  union { struct cmsghdr header; uint8_t bytes[CMSG_SPACE(sizeof token)]; } control = {0};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  control.header = (struct cmsghdr){CMSG_LEN(sizeof token), SOL_SOCKET, SCM_RIGHTS};
  memcpy(CMSG_DATA(&control.header), &token, sizeof token);
  if (sendmsg(channel, &message, MSG_NOSIGNAL) < 0) fail("send request");
}

/* Receives a request and checks the token as the driver does, by the pipe's inode. False: the guest is gone. */
static int receive_checked(int channel, struct request *request, ino_t token_inode) {
  struct iovec part = {request, sizeof *request};
  union { struct cmsghdr header; uint8_t bytes[CMSG_SPACE(sizeof(int))]; } control;
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  ssize_t count = recvmsg(channel, &message, MSG_CMSG_CLOEXEC);
  if (count == 0) return 0;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (count < 0 || !header) fail("receive request");
  struct stat seen;
  int token;
  memcpy(&token, CMSG_DATA(header), sizeof token);
  if (fstat(token, &seen) != 0 || seen.st_ino != token_inode) fail("token");
  close(token);
  return 1;
}

static void answer_if_changed(const struct window *window, int channel, struct request *waiter) {
  if (waiter->id == 0 || load(word_at(window, waiter->offset)) == waiter->value) return;
  if (send(channel, waiter, sizeof *waiter, MSG_NOSIGNAL) < 0) fail("answer");
  waiter->id = 0;
}

static void run_driver(const struct window *window, int channel, ino_t token_inode) {
  struct request waiter = {0};
  struct epoll_event events[4];
  int loop = make_loop();
  watch(loop, window->to_guest_doorbell, EPOLLIN | EPOLLET);
  watch(loop, channel, EPOLLIN);
  for (;;) {
    int count = next_events(loop, events, 4);
    for (int at = 0; at < count; at++) {
      if (events[at].data.fd == channel) {
        if (!receive_checked(channel, &waiter, token_inode)) return;
      } else {
        do drain(&window->to_guest);
        while (load(window->to_guest.interrupt) != 0);
      }
      answer_if_changed(window, channel, &waiter);
    }
  }
}

static void run_guest(const struct window *window, int channel, int token, uint32_t trips) {
  int loop = make_loop();
  struct epoll_event event;
  watch(loop, channel, EPOLLIN);
  for (uint32_t trip = 0; trip < trips; trip++) {
    struct request request = {.id = trip + 1, .number = 0xc020f507u, .offset = ping_offset, .value = trip};
    send_with_token(channel, &request, token);
    next_events(loop, &event, 1);
    if (recv(channel, &request, sizeof request, 0) != sizeof request) fail("receive answer");
    if (load(word_at(window, ping_offset)) != trip + 1) fail("woken for nothing");
    store(word_at(window, pong_offset), trip + 1);
    if (post(&window->to_host, pong_offset)) ring(window->to_host_doorbell);
  }
}

static void run_host(const struct window *window, struct run *run) {
  int loop = make_loop();
  struct epoll_event event;
  watch(loop, window->to_host_doorbell, EPOLLIN | EPOLLET);
  for (uint32_t trip = 0; trip < run->trips + run->warm_up; trip++) {
    int64_t start = now_ns();
    store(word_at(window, ping_offset), trip + 1);
    if (post(&window->to_guest, ping_offset)) ring(window->to_guest_doorbell);
    do {
      next_events(loop, &event, 1);
      do drain(&window->to_host);
      while (load(window->to_host.interrupt) != 0);
    } while (load(word_at(window, pong_offset)) != trip + 1);
    record(run, trip, now_ns() - start);
  }
}

int main(int argc, char **argv) {
  struct run run = run_of(argc, argv);
  struct window window = make_window();
  int channel[2], token[2];
  struct stat token_is;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) != 0) fail("socketpair");
  if (pipe2(token, O_CLOEXEC) != 0 || fstat(token[0], &token_is) != 0) fail("pipe");
  if (fork_there(&run) == 0) {
    close(channel[1]);
    run_driver(&window, channel[0], token_is.st_ino);
    return 0;
  }
  if (fork_there(&run) == 0) {
    run_guest(&window, channel[1], token[1], run.trips + run.warm_up);
    return 0;
  }
  run_host(&window, &run);
  report(&run, 1);
}
