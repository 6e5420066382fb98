// Descriptors that are not addressed sockets: eventfds, pipes, socket pairs, copies, identity, poll, ioctl.
// Every descriptor made here is close-on-exec; pipes, pairs and eventfds are non-blocking.
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "napi.h"

namespace native {
namespace {

constexpr int kFirstFreeFd = 3;  // a copy must never become stdin, stdout or stderr

napi_value Duplicate(Call& call) {
  const int copy = fcntl(call.Descriptor(0), F_DUPFD_CLOEXEC, kFirstFreeFd);
  if (copy < 0) Fail("fcntl", errno, "F_DUPFD_CLOEXEC");
  return call.Number(copy);
}

napi_value CreateEventfd(Call& call) {
  const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) Fail("eventfd", errno);
  return call.Number(fd);
}

/** True when the counter took it; false when it stands at its ceiling. */
bool AddOne(int fd) {
  const uint64_t one = 1;
  const ssize_t written = Retry([&] { return write(fd, &one, sizeof one); });
  if (written < 0 && errno != EAGAIN) Fail("write", errno);
  return written >= 0;
}

bool IsWritable(int fd) {
  pollfd entry{fd, POLLOUT, 0};
  return Retry([&] { return poll(&entry, 1, 0); }) == 1 && (entry.revents & POLLOUT) != 0;
}

/**
 * Counter and O_NONBLOCK belong to everybody who holds a copy, and one of them may have filled the one and cleared the
 * other: then a write would wait for a reader that never comes, and without a write nobody who watches for edges is
 * woken. So a full counter is read away first. Should it be full again at the second write, whoever filled it made the edge.
 */
napi_value SignalEventfd(Call& call) {
  const int fd = call.Descriptor(0);
  if (IsWritable(fd) && AddOne(fd)) return nullptr;
  int on = 1;
  uint64_t count;
  // What fails here is no eventfd, as the write says, or was read by somebody else meanwhile.
  if (ioctl(fd, FIONBIO, &on) == 0) [[maybe_unused]] const ssize_t got = read(fd, &count, sizeof count);
  AddOne(fd);
  return nullptr;
}

napi_value ReadEventfd(Call& call) {
  const int fd = call.Descriptor(0);
  uint64_t count = 0;
  const ssize_t got = Retry([&] { return read(fd, &count, sizeof count); });
  if (got < 0 && errno != EAGAIN) Fail("read", errno);
  return call.BigInt(got < 0 ? 0 : count);
}

napi_value Pair(Call& call, int first, int second) {
  Fd owned[2] = {Fd(first), Fd(second)};
  napi_value pair = call.Array(2);
  for (uint32_t index = 0; index < 2; ++index) call.Set(pair, index, call.Number(owned[index].get()));
  for (Fd& fd : owned) fd.release();
  return pair;
}

/** createPipe(): [read, write] */
napi_value CreatePipe(Call& call) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0) Fail("pipe2", errno);
  return Pair(call, fds[0], fds[1]);
}

/** createSocketPair(type) */
napi_value CreateSocketPair(Call& call) {
  const int type = static_cast<int>(call.Integer(0, 0, INT32_MAX));
  int fds[2];
  if (socketpair(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) != 0) Fail("socketpair", errno);
  return Pair(call, fds[0], fds[1]);
}

/**
 * identify(fd): {dev, ino, mode}. What is known already is enough, since these three never change: a file system that
 * its sender serves (FUSE) is not asked, and cannot keep us waiting.
 */
napi_value Identify(Call& call) {
  struct statx status;
  const int flags = AT_EMPTY_PATH | AT_STATX_DONT_SYNC;
  if (statx(call.Descriptor(0), "", flags, STATX_TYPE | STATX_INO, &status) != 0) Fail("statx", errno);
  const dev_t device = makedev(status.stx_dev_major, status.stx_dev_minor);
  napi_value identity = call.Object();
  call.Set(identity, "dev", call.BigInt(static_cast<uint64_t>(device)));
  call.Set(identity, "ino", call.BigInt(static_cast<uint64_t>(status.stx_ino)));
  call.Set(identity, "mode", call.Number(status.stx_mode));
  return identity;
}

/** descriptorLimit(): descriptors that this process may have. */
napi_value DescriptorLimit(Call& call) {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) Fail("getrlimit", errno);
  return call.Number(static_cast<double>(limit.rlim_cur));
}

/** tryLock(fd): 1, or 0 while another open file description has the lock. */
napi_value TryLock(Call& call) {
  const int fd = call.Descriptor(0);
  const int result = Retry([&] { return flock(fd, LOCK_EX | LOCK_NB); });
  if (result != 0 && errno != EWOULDBLOCK) Fail("flock", errno);
  return call.Number(result == 0 ? 1 : 0);
}

/** poll(fd, timeoutMs): the events that came, 0 at the timeout, -1 when a signal cut it short. */
napi_value Poll(Call& call) {
  pollfd entry{call.Descriptor(0), POLLIN, 0};
  const int ready = poll(&entry, 1, static_cast<int>(call.Integer(1, -1, INT32_MAX)));
  if (ready < 0 && errno == EINTR) return call.Number(-1);
  if (ready < 0) Fail("poll", errno);
  if ((entry.revents & POLLNVAL) != 0) Fail("poll", EBADF);
  return call.Number(entry.revents);
}

/** ioctl(fd, request, bytes | number) */
napi_value Ioctl(Call& call) {
  const int fd = call.Descriptor(0);
  const auto request = static_cast<unsigned long>(call.Integer(1, 0, UINT32_MAX));
  napi_valuetype type;
  call.Check(napi_typeof(call.env(), call.argument(2), &type));
  int result;
  if (type == napi_number) {
    const int64_t value = call.Integer(2, INT32_MIN, UINT32_MAX);
    result = Retry([&] { return ioctl(fd, request, static_cast<unsigned long>(value)); });
  } else {
    const Bytes bytes = call.ByteArray(2);
    const bool sized = _IOC_DIR(request) != _IOC_NONE;
    if (sized && bytes.length < _IOC_SIZE(request)) {
      Fail("ioctl", EINVAL,
           "the number says " + std::to_string(_IOC_SIZE(request)) + " bytes, the argument has " +
               std::to_string(bytes.length));
    }
    result = Retry([&] { return ioctl(fd, request, bytes.data); });
  }
  if (result < 0) Fail("ioctl", errno);
  return call.Number(result);
}

}  // namespace

void ExportDescriptors(napi_env env, napi_value exports) {
  Export<Duplicate>(env, exports, "duplicate");
  Export<CreateEventfd>(env, exports, "createEventfd");
  Export<SignalEventfd>(env, exports, "signalEventfd");
  Export<ReadEventfd>(env, exports, "readEventfd");
  Export<CreatePipe>(env, exports, "createPipe");
  Export<CreateSocketPair>(env, exports, "createSocketPair");
  Export<Identify>(env, exports, "identify");
  Export<DescriptorLimit>(env, exports, "descriptorLimit");
  Export<TryLock>(env, exports, "tryLock");
  Export<Poll>(env, exports, "poll");
  Export<Ioctl>(env, exports, "ioctl");
}

}  // namespace native
