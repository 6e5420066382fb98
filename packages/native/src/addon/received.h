// Descriptors that came from another process. It may have arranged that closing one takes as long as it likes, so each
// is closed here, in one place, in the way that waits for as little as possible.
#pragma once

#include <sys/socket.h>

#include <vector>

#include "napi.h"

namespace native {

constexpr size_t kMaxDescriptors = 253;  // SCM_MAX_FD
constexpr size_t kControlBytes = CMSG_SPACE(kMaxDescriptors * sizeof(int));

/** close(2) of a number that is owned. */
void CloseFd(int fd);

/** close(2) of a descriptor that came in a message. */
void CloseReceived(int fd);

/** What one message brought, closed unless release() gives it to JavaScript. */
class Received {
 public:
  explicit Received(msghdr* header);
  Received(const Received&) = delete;
  Received& operator=(const Received&) = delete;
  ~Received() {
    for (const int fd : fds_) CloseReceived(fd);
  }
  const std::vector<int>& fds() const { return fds_; }
  void release() { fds_.clear(); }

 private:
  std::vector<int> fds_;
};

}  // namespace native
