// Memory: sealed memfds, mappings of two kinds, native fill.
// A *window* lies over memory that V8 already owns (a shared WebAssembly.Memory), so V8 never learns of it;
// an *area* is memory of ours that V8 sees as an external ArrayBuffer until it is detached.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cstring>
#include <memory>

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

/** One mapped area; unmapped by whoever comes first, dispose or the last finalizer. */
struct Area {
  void* address;
  size_t length;
  Area(void* mapped, size_t bytes) : address(mapped), length(bytes) {}
  Area(const Area&) = delete;
  Area& operator=(const Area&) = delete;
  ~Area() { Unmap(); }
  int Unmap() {
    if (address == nullptr) return 0;
    return munmap(std::exchange(address, nullptr), length);
  }
};
using SharedArea = std::shared_ptr<Area>;

// Runs after detaching or after collection, in either order with the other holder's.
void ReleaseArea(napi_env, void*, void* holder) { delete static_cast<SharedArea*>(holder); }
void ReleaseWrap(napi_env, void* holder, void*) { delete static_cast<SharedArea*>(holder); }

/** mapArea(fd, offset, length, populate 0 or 1): an external ArrayBuffer over the pages. */
napi_value MapArea(Call& call) {
  const int fd = call.Descriptor(0);
  const uint64_t offset = call.Size(1);
  const uint64_t length = call.Size(2);
  CheckPages("offset", offset);
  CheckPages("length", length);
  if (length == 0) Fail("mmap", EINVAL, "the area is empty");
  const int populate = call.Integer(3, 0, 1) == 1 ? MAP_POPULATE : 0;
  CheckInsideFile(fd, offset, length);
  const int flags = MAP_SHARED | populate;
  void* address = mmap(nullptr, length, PROT_READ | PROT_WRITE, flags, fd, static_cast<off_t>(offset));
  if (address == MAP_FAILED) Fail("mmap", errno);
  auto area = std::make_shared<Area>(address, length);

  auto buffer_holder = std::make_unique<SharedArea>(area);
  napi_value buffer;
  call.Check(napi_create_external_arraybuffer(call.env(), address, length, ReleaseArea, buffer_holder.get(), &buffer));
  buffer_holder.release();
  auto wrap_holder = std::make_unique<SharedArea>(area);
  call.Check(napi_wrap(call.env(), buffer, wrap_holder.get(), ReleaseWrap, nullptr, nullptr));
  wrap_holder.release();
  return buffer;
}

/** unmapArea(buffer): detaches first, so that no view reaches the pages when they go. */
napi_value UnmapArea(Call& call) {
  void* wrapped = nullptr;
  void* data = nullptr;
  size_t length = 0;
  call.Check(napi_get_arraybuffer_info(call.env(), call.argument(0), &data, &length));
  call.Check(napi_unwrap(call.env(), call.argument(0), &wrapped));
  SharedArea area = *static_cast<SharedArea*>(wrapped);
  if (area->address == nullptr) Fail("munmap", EINVAL, "the area is unmapped already");
  // A buffer moved by transfer() is another object now: unmapping would pull the pages from under it.
  if (data != area->address) Fail("munmap", EINVAL, "the area's buffer was transferred");
  call.Check(napi_detach_arraybuffer(call.env(), call.argument(0)));
  if (area->Unmap() != 0) Fail("munmap", errno);
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
  Export<MapArea>(env, exports, "mapArea");
  Export<UnmapArea>(env, exports, "unmapArea");
  Export<Fill>(env, exports, "fill");
}

}  // namespace native
