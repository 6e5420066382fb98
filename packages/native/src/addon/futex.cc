// Futexes on words that processes share: never FUTEX_PRIVATE_FLAG, deadlines absolute on CLOCK_MONOTONIC
// (FUTEX_WAIT_BITSET; plain FUTEX_WAIT would take a duration).
#include <linux/futex.h>
#include <sys/syscall.h>
#include <ctime>

#include "napi.h"

namespace native {
namespace {

// The order is the one in futex.ts.
enum Outcome { kWoken = 0, kChanged = 1, kTimedOut = 2, kInterrupted = 3 };

constexpr int64_t kNsPerSecond = 1000000000;

int32_t* Word(Call& call) {
  const Words words = call.WordArray(0);
  const uint64_t index = call.Size(1);
  if (index >= words.length) {
    Fail("futex", EINVAL, "word " + std::to_string(index) + " of " + std::to_string(words.length));
  }
  return words.data + index;
}

/** futexWait(words, index, expected, deadlineNs | undefined) */
napi_value Wait(Call& call) {
  int32_t* word = Word(call);
  // A word is 32 bits, signed in an Int32Array and unsigned elsewhere: both spellings mean the same bits.
  const auto expected = static_cast<uint32_t>(call.Integer(2, INT32_MIN, UINT32_MAX));
  timespec deadline{};
  const bool bounded = call.Has(3);
  if (bounded) {
    const int64_t deadline_ns = call.Signed64(3);
    if (deadline_ns < 0) Fail("futex", EINVAL, "the deadline is negative");
    deadline.tv_sec = deadline_ns / kNsPerSecond;
    deadline.tv_nsec = deadline_ns % kNsPerSecond;
  }
  const long result = syscall(SYS_futex, word, FUTEX_WAIT_BITSET, expected, bounded ? &deadline : nullptr, nullptr,
                              FUTEX_BITSET_MATCH_ANY);
  if (result == 0) return call.Number(kWoken);
  switch (errno) {
    case EAGAIN:
      return call.Number(kChanged);
    case ETIMEDOUT:
      return call.Number(kTimedOut);
    case EINTR:
      return call.Number(kInterrupted);
    default:
      Fail("futex", errno);
  }
}

/** futexWake(words, index, count): how many were woken. */
napi_value Wake(Call& call) {
  int32_t* word = Word(call);
  const int64_t count = call.Integer(2, 1, INT32_MAX);
  const long woken = syscall(SYS_futex, word, FUTEX_WAKE, count, nullptr, nullptr, 0);
  if (woken < 0) Fail("futex", errno);
  return call.Number(static_cast<double>(woken));
}

}  // namespace

void ExportFutex(napi_env env, napi_value exports) {
  Export<Wait>(env, exports, "futexWait");
  Export<Wake>(env, exports, "futexWake");
}

}  // namespace native
