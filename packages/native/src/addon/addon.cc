// The addon's start, once per environment, and the border where Failure becomes a SystemError.
#include <uv.h>

#include <cmath>
#include <new>

#include "napi.h"

namespace native {

bool Call::Has(size_t index) const {
  napi_valuetype type;
  Check(napi_typeof(env_, arguments_[index], &type));
  return type != napi_undefined;
}

int64_t Call::Integer(size_t index, int64_t low, int64_t high) const {
  double value;
  Check(napi_get_value_double(env_, arguments_[index], &value));
  const bool exact = std::trunc(value) == value && value >= -9007199254740991.0 && value <= 9007199254740991.0;
  if (!exact || static_cast<int64_t>(value) < low || static_cast<int64_t>(value) > high) {
    Refuse("argument " + std::to_string(index) + " must be an integer from " + std::to_string(low) + " to " +
           std::to_string(high) + ", seen " + std::to_string(value));
  }
  return static_cast<int64_t>(value);
}

int64_t Call::Signed64(size_t index) const {
  int64_t value;
  bool lossless;
  Check(napi_get_value_bigint_int64(env_, arguments_[index], &value, &lossless));
  if (!lossless) Refuse("argument " + std::to_string(index) + " must fit 64 bits");
  return value;
}

std::string Call::Text(size_t index) const {
  size_t length;
  Check(napi_get_value_string_utf8(env_, arguments_[index], nullptr, 0, &length));
  std::string text(length, '\0');
  Check(napi_get_value_string_utf8(env_, arguments_[index], text.data(), length + 1, &length));
  if (text.find('\0') != std::string::npos) Refuse("text holds a NUL byte");
  return text;
}

// Reads views over a SharedArrayBuffer as well: Node-API looks at the view, not at its buffer's kind.
Bytes Call::ByteArray(size_t index) const {
  napi_typedarray_type type;
  size_t length;
  void* data;
  Check(napi_get_typedarray_info(env_, arguments_[index], &type, &length, &data, nullptr, nullptr));
  if (type != napi_uint8_array) Refuse("argument " + std::to_string(index) + " must be a Uint8Array");
  return Bytes{static_cast<uint8_t*>(data), length};
}

Words Call::WordArray(size_t index) const {
  napi_typedarray_type type;
  size_t length;
  void* data;
  Check(napi_get_typedarray_info(env_, arguments_[index], &type, &length, &data, nullptr, nullptr));
  if (type != napi_int32_array) Refuse("argument " + std::to_string(index) + " must be an Int32Array");
  return Words{static_cast<int32_t*>(data), length};
}

napi_value Call::Number(double value) const {
  napi_value result;
  Check(napi_create_double(env_, value, &result));
  return result;
}

napi_value Call::BigInt(uint64_t value) const {
  napi_value result;
  Check(napi_create_bigint_uint64(env_, value, &result));
  return result;
}

napi_value Call::Object() const {
  napi_value result;
  Check(napi_create_object(env_, &result));
  return result;
}

napi_value Call::Array(size_t length) const {
  napi_value result;
  Check(napi_create_array_with_length(env_, length, &result));
  return result;
}

void Call::Set(napi_value object, const char* name, napi_value value) const {
  Check(napi_set_named_property(env_, object, name, value));
}

void Call::Set(napi_value array, uint32_t index, napi_value value) const {
  Check(napi_set_element(env_, array, index, value));
}

Environment& EnvironmentOf(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  return *static_cast<Environment*>(data);
}

// Ends in a pending exception whatever happens: when a step fails, that step left its own one behind.
void Throw(napi_env env, const Failure& failure) {
  char code[32];
  char text[128];
  uv_err_name_r(-failure.error, code, sizeof code);
  uv_strerror_r(-failure.error, text, sizeof text);
  const std::string message = failure.detail.empty() ? text : std::string(text) + ": " + failure.detail;
  napi_value type, values[4], error;
  const bool made =
      napi_get_reference_value(env, EnvironmentOf(env).system_error, &type) == napi_ok &&
      napi_create_string_utf8(env, code, NAPI_AUTO_LENGTH, &values[0]) == napi_ok &&
      napi_create_int32(env, failure.error, &values[1]) == napi_ok &&
      napi_create_string_utf8(env, failure.syscall, NAPI_AUTO_LENGTH, &values[2]) == napi_ok &&
      napi_create_string_utf8(env, message.data(), message.size(), &values[3]) == napi_ok &&
      napi_new_instance(env, type, 4, values, &error) == napi_ok;
  if (made) {
    napi_throw(env, error);
    return;
  }
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (!pending) napi_throw_error(env, code, message.c_str());
}

namespace {

/** open(SystemError): the calls. The class comes from TypeScript so that failures are instances of it. */
napi_value Open(Call& call) {
  napi_env env = call.env();
  Environment& environment = EnvironmentOf(env);
  if (environment.system_error != nullptr) napi_delete_reference(env, environment.system_error);
  environment.system_error = nullptr;
  call.Check(napi_create_reference(env, call.argument(0), 1, &environment.system_error));
  napi_value exports = call.Object();
  ExportMemory(env, exports);
  ExportFutex(env, exports);
  ExportClose(env, exports);
  ExportDescriptors(env, exports);
  ExportSockets(env, exports);
  ExportWatch(env, exports);
  return exports;
}

void Forget(napi_env, void* environment, void*) { delete static_cast<Environment*>(environment); }

}  // namespace
}  // namespace native

NAPI_MODULE_INIT() {
  auto* environment = new native::Environment;
  if (napi_set_instance_data(env, environment, native::Forget, nullptr) != napi_ok) {
    delete environment;
    return nullptr;
  }
  try {
    native::Export<native::Open>(env, exports, "open");
  } catch (const native::Failure&) {
    return nullptr;
  } catch (const native::Pending&) {
    return nullptr;
  }
  return exports;
}
