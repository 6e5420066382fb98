// Memory: sealed memfds, the window's mapping, areas of it, native fill.
// A *window* lies over memory that V8 already owns (a shared WebAssembly.Memory), so V8 never learns of it;
// an *area* is a part of it that V8 sees once more, as an external ArrayBuffer, until that is detached.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cstring>

#include "napi.h"

namespace native {
namespace {

constexpr uint64_t kPageBytes = 4096;

std::string Hex(uint64_t value) {
  char text[24];
  snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

napi_value CreateMemfd(Call& call) {
  const std::string name = call.Text(0);
  const uint64_t size = call.Size(1);
  Fd fd(memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (fd.get() < 0) Fail("memfd_create", errno);
  if (Retry([&] { return ftruncate(fd.get(), static_cast<off_t>(size)); }) != 0) Fail("ftruncate", errno);
  return call.Number(fd.release());
}

napi_value AddSeals(Call& call) {
  const int fd = call.Descriptor(0);
  const int seals = static_cast<int>(call.Integer(1, 0, INT32_MAX));
  if (fcntl(fd, F_ADD_SEALS, seals) != 0) Fail("fcntl", errno, "F_ADD_SEALS");
  return nullptr;
}

napi_value GetSeals(Call& call) {
  const int seals = fcntl(call.Descriptor(0), F_GET_SEALS);
  if (seals < 0) Fail("fcntl", errno, "F_GET_SEALS");
  return call.Number(seals);
}

napi_value FileSize(Call& call) {
  struct stat status;
  if (fstat(call.Descriptor(0), &status) != 0) Fail("fstat", errno);
  return call.Number(static_cast<double>(status.st_size));
}

/** Pages beyond a file's end are SIGBUS at the first touch. Devices (PCI BARs) check for themselves. */
void CheckInsideFile(int fd, uint64_t offset, uint64_t length) {
  struct stat status;
  if (fstat(fd, &status) != 0) Fail("fstat", errno);
  const uint64_t end = offset + length;  // both below 2^53
  if (S_ISREG(status.st_mode) && end > static_cast<uint64_t>(status.st_size)) {
    Fail("mmap", EINVAL,
         "the mapping ends at " + Hex(end) + ", the file at " + Hex(static_cast<uint64_t>(status.st_size)));
  }
}

void CheckPages(const char* what, uint64_t value) {
  if (value % kPageBytes != 0) Fail("mmap", EINVAL, std::string(what) + " " + Hex(value) + " is not page-aligned");
}

/** Fresh private pages over the range: what stale views of a closed window see. */
bool CoverWithAnonymous(const Bytes& range) {
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE;
  return mmap(range.data, range.length, PROT_READ | PROT_WRITE, flags, -1, 0) != MAP_FAILED;
}

Bytes PagesOf(Call& call, size_t index) {
  const Bytes range = call.ByteArray(index);
  CheckPages("address", reinterpret_cast<uintptr_t>(range.data));
  CheckPages("length", range.length);
  if (range.length == 0) Fail("mmap", EINVAL, "the range is empty");
  return range;
}

/** mapOver(bytes, fd, offset): the file's pages take the place of those under `bytes`. */
napi_value MapOver(Call& call) {
  const Bytes range = PagesOf(call, 0);
  const int fd = call.Descriptor(1);
  const uint64_t offset = call.Size(2);
  CheckPages("offset", offset);
  CheckInsideFile(fd, offset, range.length);
  void* mapped =
      mmap(range.data, range.length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, static_cast<off_t>(offset));
  if (mapped == MAP_FAILED) {
    const int error = errno;
    // MAP_FIXED may have taken the old pages away before it failed: leave no hole in V8's reservation.
    CoverWithAnonymous(range);
    Fail("mmap", error);
  }
  return nullptr;
}

napi_value MapAnonymousOver(Call& call) {
  if (!CoverWithAnonymous(PagesOf(call, 0))) Fail("mmap", errno);
  return nullptr;
}

// The bytes stay the window's: there is nothing to release.
void KeepBytes(napi_env, void*, void*) {}

/** viewArea(bytes): an external ArrayBuffer over bytes of a shared array. The caller keeps the shared array alive. */
napi_value ViewArea(Call& call) {
  const Bytes bytes = call.ByteArray(0);
  if (bytes.length == 0) Fail("viewArea", EINVAL, "the area is empty");
  napi_value buffer;
  call.Check(napi_create_external_arraybuffer(call.env(), bytes.data, bytes.length, KeepBytes, nullptr, &buffer));
  return buffer;
}

/** detachArea(buffer): from now on every array made from it has length 0. */
napi_value DetachArea(Call& call) {
  void* data = nullptr;
  size_t length = 0;
  call.Check(napi_get_arraybuffer_info(call.env(), call.argument(0), &data, &length));
  // A buffer moved by transfer() is another object now, which would go on showing the bytes.
  if (length == 0) Fail("detachArea", EINVAL, "the area's buffer is detached already");
  call.Check(napi_detach_arraybuffer(call.env(), call.argument(0)));
  return nullptr;
}

napi_value Fill(Call& call) {
  const Bytes bytes = call.ByteArray(0);
  const int value = static_cast<int>(call.Integer(1, 0, 255));
  if (bytes.length > 0) memset(bytes.data, value, bytes.length);
  return nullptr;
}

}  // namespace

void ExportMemory(napi_env env, napi_value exports) {
  Export<CreateMemfd>(env, exports, "createMemfd");
  Export<AddSeals>(env, exports, "addSeals");
  Export<GetSeals>(env, exports, "getSeals");
  Export<FileSize>(env, exports, "fileSize");
  Export<MapOver>(env, exports, "mapOver");
  Export<MapAnonymousOver>(env, exports, "mapAnonymousOver");
  Export<ViewArea>(env, exports, "viewArea");
  Export<DetachArea>(env, exports, "detachArea");
  Export<Fill>(env, exports, "fill");
}

}  // namespace native
