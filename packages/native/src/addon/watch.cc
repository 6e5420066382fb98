// Watches: a descriptor's readiness as a callback in this environment's event loop.
// Each watch has an epoll of its own that uv_poll watches. That gives the edge trigger that libuv lacks, a
// hang-up apart from readability (uv_poll reports it as an error when data is queued), several watches on
// one descriptor, and a descriptor that may be closed before its watch without confusing libuv.
#include <sys/epoll.h>
#include <uv.h>

#include <memory>
#include <unordered_map>

#include "napi.h"

namespace native {
namespace {

// The order is the one in watch.ts.
enum class Mode { kReadable = 0, kHangUp = 1, kEdge = 2 };

uint32_t EventsOf(Mode mode) {
  switch (mode) {
    case Mode::kReadable:
      return EPOLLIN;
    case Mode::kHangUp:
      return 0;  // EPOLLHUP and EPOLLERR come unasked
    case Mode::kEdge:
      return EPOLLIN | EPOLLET;
  }
  return 0;
}

}  // namespace

struct Watch {
  uv_poll_t poll;
  Watches* book;
  uint32_t id;
  Mode mode;
  Fd epoll;
  napi_ref callback;
};

/** The open watches of one environment. JavaScript holds ids, never pointers: a stale id is merely unknown. */
class Watches {
 public:
  explicit Watches(napi_env env) : env_(env) {
    Check(env, napi_get_uv_event_loop(env, &loop_), "napi");
    napi_value name;
    Check(env, napi_create_string_utf8(env, "native.watch", NAPI_AUTO_LENGTH, &name), "napi");
    Check(env, napi_async_init(env, nullptr, name, &context_), "napi");
    // Open handles would abort a Worker at its exit: the hook closes them, and ends when all are closed.
    Check(env, napi_add_async_cleanup_hook(env, AtExit, this, &hook_), "napi");
  }

  uint32_t Open(Fd epoll, Mode mode, napi_value callback) {
    auto watch = std::make_unique<Watch>();
    watch->book = this;
    watch->id = next_id_++;
    watch->mode = mode;
    watch->epoll = std::move(epoll);
    watch->poll.data = watch.get();
    int status = uv_poll_init(loop_, &watch->poll, watch->epoll.get());
    if (status != 0) Fail("uv_poll_init", -status);
    Watch* opened = watch.release();  // from here on only uv_close's callback may free it
    open_[opened->id] = opened;
    status = uv_poll_start(&opened->poll, UV_READABLE, OnReady);
    const napi_status kept = napi_create_reference(env_, callback, 1, &opened->callback);
    if (status == 0 && kept == napi_ok) return opened->id;
    Close(opened);
    Check(env_, kept, "napi");
    Fail("uv_poll_start", -status);
  }

  Watch* Find(uint32_t id) const {
    const auto found = open_.find(id);
    return found == open_.end() ? nullptr : found->second;
  }

  void Close(Watch* watch) {
    open_.erase(watch->id);
    ++closing_;
    if (watch->callback != nullptr) napi_delete_reference(env_, std::exchange(watch->callback, nullptr));
    uv_close(reinterpret_cast<uv_handle_t*>(&watch->poll), OnClosed);
    watch->epoll.reset();  // uv_close has taken it out of the loop already
  }

 private:
  static void OnReady(uv_poll_t* poll, int, int) {
    auto* watch = static_cast<Watch*>(poll->data);
    epoll_event event;
    // Takes the edge, and finds out whether the event is still there. A status < 0 of uv means the same. Readability
    // stays until it is used up: there the callback finds out by itself, and the call is saved.
    if (watch->mode != Mode::kReadable &&
        Retry([&] { return epoll_wait(watch->epoll.get(), &event, 1, 0); }) != 1) {
      return;
    }
    if (watch->mode == Mode::kHangUp) uv_poll_stop(poll);
    watch->book->Run(watch);
  }

  /** The callback may close its watch, or any other: `watch` is not touched once JavaScript runs. */
  void Run(const Watch* watch) {
    napi_handle_scope scope;
    if (napi_open_handle_scope(env_, &scope) != napi_ok) return;
    napi_value callback, receiver;
    if (napi_get_reference_value(env_, watch->callback, &callback) == napi_ok &&
        napi_get_global(env_, &receiver) == napi_ok) {
      napi_make_callback(env_, context_, receiver, callback, 0, nullptr, nullptr);
      RethrowUncaught();
    }
    napi_close_handle_scope(env_, scope);
  }

  void RethrowUncaught() {
    bool pending = false;
    napi_is_exception_pending(env_, &pending);
    napi_value error;
    if (pending && napi_get_and_clear_last_exception(env_, &error) == napi_ok) napi_fatal_exception(env_, error);
  }

  static void OnClosed(uv_handle_t* handle) {
    auto* watch = static_cast<Watch*>(handle->data);
    Watches* book = watch->book;
    delete watch;
    --book->closing_;
    book->EndWhenEmpty();
  }

  static void AtExit(napi_async_cleanup_hook_handle, void* book) { static_cast<Watches*>(book)->End(); }

  void End() {
    ending_ = true;
    while (!open_.empty()) Close(open_.begin()->second);
    EndWhenEmpty();
  }

  void EndWhenEmpty() {
    if (!ending_ || closing_ > 0) return;
    napi_async_destroy(env_, context_);
    napi_remove_async_cleanup_hook(hook_);
    delete this;
  }

  napi_env env_;
  uv_loop_t* loop_ = nullptr;
  napi_async_context context_ = nullptr;
  napi_async_cleanup_hook_handle hook_ = nullptr;
  std::unordered_map<uint32_t, Watch*> open_;
  uint32_t next_id_ = 1;
  size_t closing_ = 0;
  bool ending_ = false;
};

namespace {

Watches& BookOf(Call& call) { return *EnvironmentOf(call.env()).watches; }

/** openWatch(fd, mode, callback): an id */
napi_value OpenWatch(Call& call) {
  const int fd = call.Descriptor(0);
  const auto mode = static_cast<Mode>(call.Integer(1, 0, 2));
  napi_valuetype type;
  call.Check(napi_typeof(call.env(), call.argument(2), &type));
  if (type != napi_function) call.Refuse("the callback must be a function");
  Fd epoll(epoll_create1(EPOLL_CLOEXEC));
  if (epoll.get() < 0) Fail("epoll_create1", errno);
  epoll_event event{};
  event.events = EventsOf(mode);
  if (epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event) != 0) Fail("epoll_ctl", errno);
  return call.Number(BookOf(call).Open(std::move(epoll), mode, call.argument(2)));
}

Watch* WatchOf(Call& call) { return BookOf(call).Find(static_cast<uint32_t>(call.Integer(0, 1, UINT32_MAX))); }

uv_handle_t* HandleOf(Call& call) {
  Watch* watch = WatchOf(call);
  if (watch == nullptr) call.Refuse("the watch is closed");
  return reinterpret_cast<uv_handle_t*>(&watch->poll);
}

napi_value CloseWatch(Call& call) {
  Watch* watch = WatchOf(call);
  if (watch != nullptr) BookOf(call).Close(watch);
  return nullptr;
}

napi_value RefWatch(Call& call) {
  uv_ref(HandleOf(call));
  return nullptr;
}

napi_value UnrefWatch(Call& call) {
  uv_unref(HandleOf(call));
  return nullptr;
}

}  // namespace

void ExportWatch(napi_env env, napi_value exports) {
  Environment& environment = EnvironmentOf(env);
  if (environment.watches == nullptr) environment.watches = new Watches(env);
  Export<OpenWatch>(env, exports, "openWatch");
  Export<CloseWatch>(env, exports, "closeWatch");
  Export<RefWatch>(env, exports, "refWatch");
  Export<UnrefWatch>(env, exports, "unrefWatch");
}

}  // namespace native
