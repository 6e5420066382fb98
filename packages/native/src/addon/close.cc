// The three ways to close a descriptor: our own, one that came in a message, a connection from another process.
#include "received.h"

#include <cstring>

namespace native {

void CloseFd(int fd) {
  // EINTR too: Linux has let the number go, and closing it again could hit another thread's descriptor.
  if (close(fd) != 0 && errno != EINTR) Fail("close", errno);
}

void CloseReceived(int fd) {
  // The last close of a TCP socket that lingers waits until its peer has read, or for as long as the sender said. What
  // is no socket has nothing to switch off.
  const linger off{};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &off, sizeof off);
  close(fd);
}

Received::Received(msghdr* header) {
  for (cmsghdr* control = CMSG_FIRSTHDR(header); control != nullptr; control = CMSG_NXTHDR(header, control)) {
    if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) continue;
    const size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    const size_t had = fds_.size();
    fds_.resize(had + count);
    memcpy(fds_.data() + had, CMSG_DATA(control), count * sizeof(int));
  }
}

namespace {

/** Bytes of a stream that are thrown away at a time; of a packet the rest goes with its first bytes. */
constexpr size_t kDiscardBytes = 4096;

/**
 * Takes what waits unread, so that the descriptors in it are closed one by one, as received ones: closed with the
 * connection, the kernel would close them as they are. Bounded by the socket's buffer: nothing is added any more.
 */
void Discard(int connection) {
  shutdown(connection, SHUT_RD);
  for (;;) {
    uint8_t bytes[kDiscardBytes];
    alignas(cmsghdr) char control[kControlBytes];
    iovec data{bytes, sizeof bytes};
    msghdr header{};
    header.msg_iov = &data;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    if (Retry([&] { return recvmsg(connection, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT); }) <= 0) return;
    const Received unread(&header);
  }
}

napi_value Close(Call& call) {
  CloseFd(call.Descriptor(0));
  return nullptr;
}

/** closeReceived(fd) */
napi_value CloseReceivedFd(Call& call) {
  CloseReceived(call.Descriptor(0));
  return nullptr;
}

/** closeConnection(fd): of a UNIX socket that nobody else here holds. */
napi_value CloseConnection(Call& call) {
  const int fd = call.Descriptor(0);
  Discard(fd);
  CloseFd(fd);
  return nullptr;
}

}  // namespace

void ExportClose(napi_env env, napi_value exports) {
  Export<Close>(env, exports, "close");
  Export<CloseReceivedFd>(env, exports, "closeReceived");
  Export<CloseConnection>(env, exports, "closeConnection");
}

}  // namespace native
