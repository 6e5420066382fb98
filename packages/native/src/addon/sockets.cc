// UNIX sockets that carry descriptors. Everything is non-blocking and close-on-exec; what a message brought
// is owned here until the whole message proved sound, so an error leaks nothing.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <vector>

#include "received.h"

namespace native {
namespace {

constexpr int kBacklog = 128;            // whoever waits behind a flood waits for all of them

struct Address {
  sockaddr_un value{};
  explicit Address(const std::string& path) {
    if (path.empty() || path.size() >= sizeof value.sun_path) {
      Fail("bind", ENAMETOOLONG, std::to_string(path.size()) + " bytes, 1 to 107 fit: '" + path + "'");
    }
    value.sun_family = AF_UNIX;
    memcpy(value.sun_path, path.data(), path.size());
  }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&value); }
};

Fd UnixSocket(int type) {
  Fd fd(socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd.get() < 0) Fail("socket", errno);
  return fd;
}

/** listen(path, type, mode): the mode is set before anybody can connect. */
napi_value Listen(Call& call) {
  const std::string path = call.Text(0);
  const Address address(path);
  const auto mode = static_cast<mode_t>(call.Integer(2, 0, 0777));
  Fd fd = UnixSocket(static_cast<int>(call.Integer(1, 0, INT32_MAX)));
  if (bind(fd.get(), address.get(), sizeof address.value) != 0) Fail("bind", errno, "'" + path + "'");
  const char* failed = nullptr;
  if (chmod(path.c_str(), mode) != 0) failed = "chmod";
  else if (listen(fd.get(), kBacklog) != 0) failed = "listen";
  if (failed != nullptr) {
    const int error = errno;
    unlink(path.c_str());
    Fail(failed, error, "'" + path + "'");
  }
  return call.Number(fd.release());
}

/** accept(fd): a connection, or undefined. */
napi_value Accept(Call& call) {
  const int listener = call.Descriptor(0);
  // A connection that was given up while it waited is none: look for the next one.
  const int fd = Retry([&] {
    int got;
    do got = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    while (got < 0 && errno == ECONNABORTED);
    return got;
  });
  if (fd < 0 && errno == EAGAIN) return nullptr;
  if (fd < 0) Fail("accept4", errno);
  return call.Number(fd);
}

/** connect(path, type) */
napi_value Connect(Call& call) {
  const std::string path = call.Text(0);
  const Address address(path);
  Fd fd = UnixSocket(static_cast<int>(call.Integer(1, 0, INT32_MAX)));
  if (Retry([&] { return connect(fd.get(), address.get(), sizeof address.value); }) != 0) {
    Fail("connect", errno, "'" + path + "'");
  }
  return call.Number(fd.release());
}

/** A msghdr with one piece of data and room for descriptors. */
class Message {
 public:
  Message(const Bytes& bytes, size_t control_bytes) : data_{bytes.data, bytes.length} {
    header_.msg_iov = &data_;
    header_.msg_iovlen = 1;
    if (control_bytes == 0) return;
    header_.msg_control = control_;
    header_.msg_controllen = control_bytes;
  }
  msghdr* get() { return &header_; }

 private:
  iovec data_;
  msghdr header_{};
  alignas(cmsghdr) char control_[kControlBytes] = {};
};

std::vector<int> Descriptors(Call& call, size_t index) {
  std::vector<int> fds;
  if (!call.Has(index)) return fds;
  uint32_t count;
  call.Check(napi_get_array_length(call.env(), call.argument(index), &count));
  if (count > kMaxDescriptors) {
    Fail("sendmsg", EINVAL, std::to_string(count) + " descriptors, at most " + std::to_string(kMaxDescriptors));
  }
  for (uint32_t place = 0; place < count; ++place) {
    napi_value element;
    int32_t fd;
    call.Check(napi_get_element(call.env(), call.argument(index), place, &element));
    call.Check(napi_get_value_int32(call.env(), element, &fd));
    fds.push_back(fd);
  }
  return fds;
}

/** send(fd, bytes, fds | undefined): how many bytes went, -1 when it would block. */
napi_value Send(Call& call) {
  const int fd = call.Descriptor(0);
  const Bytes bytes = call.ByteArray(1);
  if (bytes.length == 0) Fail("sendmsg", EINVAL, "an empty message would read as the end");
  const std::vector<int> fds = Descriptors(call, 2);
  const size_t fd_bytes = fds.size() * sizeof(int);
  Message message(bytes, fds.empty() ? 0 : CMSG_SPACE(fd_bytes));
  if (!fds.empty()) {
    cmsghdr* control = CMSG_FIRSTHDR(message.get());
    control->cmsg_level = SOL_SOCKET;
    control->cmsg_type = SCM_RIGHTS;
    control->cmsg_len = CMSG_LEN(fd_bytes);
    memcpy(CMSG_DATA(control), fds.data(), fd_bytes);
  }
  const ssize_t sent = Retry([&] { return sendmsg(fd, message.get(), MSG_NOSIGNAL | MSG_DONTWAIT); });
  if (sent < 0 && errno != EAGAIN) Fail("sendmsg", errno);
  return call.Number(sent < 0 ? -1 : static_cast<double>(sent));
}

/** receive(fd, into): {byteCount, fds}, or undefined when it would block. */
napi_value Receive(Call& call) {
  const int fd = call.Descriptor(0);
  const Bytes into = call.ByteArray(1);
  if (into.length == 0) Fail("recvmsg", EINVAL, "no room: 0 bytes would read as the end");
  Message message(into, kControlBytes);
  ssize_t got = Retry([&] { return recvmsg(fd, message.get(), MSG_CMSG_CLOEXEC | MSG_DONTWAIT); });
  if (got < 0 && errno == EAGAIN) return nullptr;
  // On a UNIX socket ECONNRESET says only that the peer closed before it read all of ours: it is the end.
  if (got < 0 && errno == ECONNRESET) {
    got = 0;
    message.get()->msg_controllen = 0;
  }
  if (got < 0) Fail("recvmsg", errno);
  Received received(message.get());
  const std::vector<int>& fds = received.fds();
  const int flags = message.get()->msg_flags;
  if ((flags & MSG_CTRUNC) != 0) {
    Fail("recvmsg", EMSGSIZE, "descriptors were cut off after " + std::to_string(fds.size()));
  }
  if ((flags & MSG_TRUNC) != 0) {
    Fail("recvmsg", EMSGSIZE, "the message has more than the " + std::to_string(into.length) + " bytes expected");
  }
  napi_value numbers = call.Array(fds.size());
  for (size_t place = 0; place < fds.size(); ++place) {
    call.Set(numbers, static_cast<uint32_t>(place), call.Number(fds[place]));
  }
  napi_value message_in = call.Object();
  call.Set(message_in, "byteCount", call.Number(static_cast<double>(got)));
  call.Set(message_in, "fds", numbers);
  received.release();
  return message_in;
}

napi_value PeerCredentials(Call& call) {
  ucred peer{};
  socklen_t length = sizeof peer;
  if (getsockopt(call.Descriptor(0), SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) Fail("getsockopt", errno);
  napi_value credentials = call.Object();
  call.Set(credentials, "pid", call.Number(peer.pid));
  call.Set(credentials, "uid", call.Number(peer.uid));
  call.Set(credentials, "gid", call.Number(peer.gid));
  return credentials;
}

}  // namespace

void ExportSockets(napi_env env, napi_value exports) {
  Export<Listen>(env, exports, "listen");
  Export<Accept>(env, exports, "accept");
  Export<Connect>(env, exports, "connect");
  Export<Send>(env, exports, "send");
  Export<Receive>(env, exports, "receive");
  Export<PeerCredentials>(env, exports, "peerCredentials");
}

}  // namespace native
