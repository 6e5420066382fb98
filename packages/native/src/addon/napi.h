// The small layer between Node-API and the system calls: arguments are read and checked here a second time
// (TypeScript checks them first), failures travel as one C++ exception type and become a JavaScript
// SystemError at the border. Nothing here or beside it knows what the memory and descriptors are for.
#pragma once

#include <node_api.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace native {

/** A system call, or a check in front of one, that failed. */
struct Failure {
  const char* syscall;
  int error;
  std::string detail;
};

/** A JavaScript exception is pending already: unwind, and add nothing. */
struct Pending {};

[[noreturn]] inline void Fail(const char* syscall, int error, std::string detail = {}) {
  throw Failure{syscall, error, std::move(detail)};
}

/** For Node-API calls that only a wrong argument or a dying environment can make fail. */
inline void Check(napi_env env, napi_status status, const char* syscall) {
  if (status == napi_ok) return;
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (pending) throw Pending{};
  const napi_extended_error_info* info = nullptr;
  napi_get_last_error_info(env, &info);
  Fail(syscall, EINVAL, info != nullptr && info->error_message != nullptr ? info->error_message : "");
}

/** Repeats a call that a signal cut short. Not for close (the number is gone) nor for waits. */
template <typename Syscall>
auto Retry(Syscall call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

/** Owns a descriptor until release() gives it to JavaScript. */
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept {
    reset(other.release());
    return *this;
  }
  ~Fd() { reset(); }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_;
};

struct Bytes {
  uint8_t* data;
  size_t length;
};

struct Words {
  int32_t* data;
  size_t length;
};

/** One call from JavaScript: its arguments, and values to answer with. */
class Call {
 public:
  static constexpr size_t kMaxArguments = 4;

  Call(napi_env env, napi_callback_info info, const char* syscall) : env_(env), syscall_(syscall) {
    size_t count = kMaxArguments;
    Check(napi_get_cb_info(env, info, &count, arguments_, nullptr, nullptr));
  }

  napi_env env() const { return env_; }
  napi_value argument(size_t index) const { return arguments_[index]; }
  void Check(napi_status status) const { native::Check(env_, status, syscall_); }
  [[noreturn]] void Refuse(std::string detail) const { Fail(syscall_, EINVAL, std::move(detail)); }

  bool Has(size_t index) const;
  int64_t Integer(size_t index, int64_t low, int64_t high) const;
  int Descriptor(size_t index) const { return static_cast<int>(Integer(index, 0, INT32_MAX)); }
  /** A size, offset or count: an exact integer that a double can hold. */
  uint64_t Size(size_t index) const { return static_cast<uint64_t>(Integer(index, 0, kMaxSafeInteger)); }
  int64_t Signed64(size_t index) const;
  std::string Text(size_t index) const;
  Bytes ByteArray(size_t index) const;
  Words WordArray(size_t index) const;

  napi_value Number(double value) const;
  napi_value BigInt(uint64_t value) const;
  napi_value Object() const;
  napi_value Array(size_t length) const;
  void Set(napi_value object, const char* name, napi_value value) const;
  void Set(napi_value array, uint32_t index, napi_value value) const;

 private:
  static constexpr int64_t kMaxSafeInteger = 9007199254740991;

  napi_env env_;
  const char* syscall_;
  napi_value arguments_[kMaxArguments] = {};
};

/** Throws the SystemError that `failure` describes. */
void Throw(napi_env env, const Failure& failure);

/** Makes a napi_callback out of a body that answers with a value and fails with Failure. */
template <napi_value (*Body)(Call&)>
napi_value Guard(napi_env env, napi_callback_info info) {
  try {
    Call call(env, info, "native");
    return Body(call);
  } catch (const Failure& failure) {
    Throw(env, failure);
  } catch (const Pending&) {
  } catch (const std::bad_alloc&) {
    Throw(env, Failure{"malloc", ENOMEM, {}});
  }
  return nullptr;
}

template <napi_value (*Body)(Call&)>
void Export(napi_env env, napi_value exports, const char* name) {
  napi_value function;
  Check(env, napi_create_function(env, name, NAPI_AUTO_LENGTH, Guard<Body>, nullptr, &function), "napi");
  Check(env, napi_set_named_property(env, exports, name, function), "napi");
}

class Watches;

/** What one environment (the main thread or a Worker) keeps. */
struct Environment {
  napi_ref system_error = nullptr;
  Watches* watches = nullptr;
};

Environment& EnvironmentOf(napi_env env);

void ExportMemory(napi_env env, napi_value exports);
void ExportFutex(napi_env env, napi_value exports);
void ExportClose(napi_env env, napi_value exports);
void ExportDescriptors(napi_env env, napi_value exports);
void ExportSockets(napi_env env, napi_value exports);
/** Also starts the environment's book of watches. */
void ExportWatch(napi_env env, napi_value exports);

}  // namespace native
