/* Messages with descriptors attached, over a seqpacket socket: SCM_RIGHTS, one sendmsg and one recvmsg each. */
#ifndef VSOC_BENCH_DESCRIPTORS_H
#define VSOC_BENCH_DESCRIPTORS_H
#include "bench.h"
#include <sys/socket.h>

struct descriptors {
  int fds[2];
  size_t count;
};

union descriptor_control {
  struct cmsghdr header;
  uint8_t bytes[CMSG_SPACE(2 * sizeof(int))];
};

static inline void send_with(int channel, const void *bytes, size_t length, struct descriptors attached) {
  struct iovec part = {(void *)bytes, length};
  union descriptor_control control = {0};
  size_t fd_bytes = attached.count * sizeof(int);
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (fd_bytes > 0) {
    message.msg_control = &control, message.msg_controllen = CMSG_SPACE(fd_bytes);
    control.header = (struct cmsghdr){CMSG_LEN(fd_bytes), SOL_SOCKET, SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.header), attached.fds, fd_bytes);
  }
  if (sendmsg(channel, &message, MSG_NOSIGNAL) < 0) fail("send");
}

/* False: the other side is gone. */
static inline int receive_with(int channel, void *bytes, size_t length, struct descriptors *attached) {
  struct iovec part = {bytes, length};
  union descriptor_control control;
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  ssize_t count = recvmsg(channel, &message, MSG_CMSG_CLOEXEC);
  if (count == 0) return 0;
  if (count < 0) fail("receive");
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  attached->count = header ? (header->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0;
  if (header) memcpy(attached->fds, CMSG_DATA(header), attached->count * sizeof(int));
  return 1;
}
#endif
