// SPDX-License-Identifier: Apache-2.0
// The native engine, and the host functions under their C names.
#include "wasm/native/native_instance.h"

#include <cstddef>
#include <string_view>
#include <utility>

#include "abi/imports.h"
#include "base/check.h"
#include "wasm/host.h"

namespace mynah::wasm {
namespace {

class NativeInstance final : public Instance {
 public:
  NativeInstance(const abi::NativePlugin& plugin, Host& host) : plugin_(plugin), host_(host) {}

  [[nodiscard]] std::bitset<abi::kCallbacks> callbacks() const override {
    std::bitset<abi::kCallbacks> present;
    for (std::size_t i = 0; i < abi::kCallbacks; ++i) {
      present.set(i, plugin_.callbacks[i] != nullptr);
    }
    return present;
  }
  Status initialize() override { return ok(); }
  Result<std::uint32_t> call(abi::Callback callback,
                             std::span<const std::uint32_t> arguments) override;
  [[nodiscard]] std::size_t memory_bytes() const override { return 0; }

  [[nodiscard]] Host& host() const { return host_; }
  // Copies a reply into memory of the plug-in's.
  abi::Status give(abi::Status status, const Reply& reply, char** bytes, std::size_t* size);

 private:
  const abi::NativePlugin& plugin_;
  Host& host_;
};

// Whose callback runs. Machines of several plug-ins may be nested when one's action calls another's
// callback.
thread_local NativeInstance* running = nullptr;

Result<std::uint32_t> NativeInstance::call(abi::Callback callback,
                                           std::span<const std::uint32_t> arguments) {
  NativeInstance* const outer = std::exchange(running, this);
  const std::uint32_t answer =
      plugin_.callbacks[static_cast<std::size_t>(callback)](arguments.data());
  running = outer;
  return answer;
}

abi::Status NativeInstance::give(abi::Status status, const Reply& reply, char** bytes,
                                 std::size_t* size) {
  if (status != abi::Status::ok) return status;
  *size = reply.size();
  *bytes = nullptr;
  if (*size == 0) return status;
  *bytes = static_cast<char*>(plugin_.allocate(*size));
  if (*bytes == nullptr) return abi::Status::invalid_memory_access;
  reply.copy_to(*bytes);
  return status;
}

NativeInstance& current() {
  MYNAH_CHECK(running != nullptr);
  return *running;
}
Host& host() { return current().host(); }

std::string_view text(const char* bytes, std::size_t size) { return {bytes, size}; }
std::uint32_t number(std::size_t size) {
  return static_cast<std::uint32_t>(std::min<std::size_t>(size, UINT32_MAX));
}

}  // namespace

std::unique_ptr<Instance> make_native_instance(const abi::NativePlugin& plugin, Host& host) {
  return std::make_unique<NativeInstance>(plugin, host);
}

}  // namespace mynah::wasm

using mynah::abi::BufferType;
using mynah::abi::LogLevel;
using mynah::abi::MapType;
using mynah::abi::MetricType;
using mynah::abi::Status;
using mynah::abi::StreamType;
using mynah::wasm::current;
using mynah::wasm::host;
using mynah::wasm::number;
using mynah::wasm::Reply;
using mynah::wasm::text;
using std::size_t;

extern "C" {

Status proxy_log(LogLevel level, const char* message, size_t size) {
  return host().log(level, text(message, size));
}
Status proxy_get_log_level(LogLevel* level) { return host().get_log_level(*level); }
Status proxy_get_current_time_nanoseconds(std::uint64_t* unix_time) {
  return host().get_current_time(*unix_time);
}
Status proxy_set_tick_period_milliseconds(std::uint32_t period) {
  return host().set_tick_period(period);
}
Status proxy_set_effective_context(std::uint32_t context) {
  return host().set_effective_context(context);
}
Status proxy_done() { return host().done(); }

Status proxy_get_header_map_size(MapType map, std::uint32_t* bytes) {
  return host().get_header_map_size(map, *bytes);
}
Status proxy_get_header_map_pairs(MapType map, char** pairs, size_t* size) {
  Reply reply;
  return current().give(host().get_header_map_pairs(map, reply), reply, pairs, size);
}
Status proxy_set_header_map_pairs(MapType map, const char* pairs, size_t size) {
  return host().set_header_map_pairs(map, text(pairs, size));
}
Status proxy_get_header_map_value(MapType map, const char* name, size_t name_size, char** value,
                                  size_t* value_size) {
  Reply reply;
  return current().give(host().get_header_map_value(map, text(name, name_size), reply), reply,
                        value, value_size);
}
Status proxy_add_header_map_value(MapType map, const char* name, size_t name_size,
                                  const char* value, size_t value_size) {
  return host().add_header_map_value(map, text(name, name_size), text(value, value_size));
}
Status proxy_replace_header_map_value(MapType map, const char* name, size_t name_size,
                                      const char* value, size_t value_size) {
  return host().replace_header_map_value(map, text(name, name_size), text(value, value_size));
}
Status proxy_remove_header_map_value(MapType map, const char* name, size_t name_size) {
  return host().remove_header_map_value(map, text(name, name_size));
}
Status proxy_get_buffer_status(BufferType buffer, size_t* bytes, std::uint32_t* flags) {
  std::uint32_t size = 0;
  const Status status = host().get_buffer_status(buffer, size, *flags);
  if (status == Status::ok) *bytes = size;
  return status;
}
Status proxy_get_buffer_bytes(BufferType buffer, size_t start, size_t count, char** bytes,
                              size_t* size) {
  Reply reply;
  const Status status = host().get_buffer_bytes(buffer, number(start), number(count), reply);
  return current().give(status, reply, bytes, size);
}
Status proxy_set_buffer_bytes(BufferType buffer, size_t start, size_t count, const char* bytes,
                              size_t size) {
  return host().set_buffer_bytes(buffer, number(start), number(count), text(bytes, size));
}
Status proxy_get_property(const char* path, size_t path_size, char** value, size_t* value_size) {
  Reply reply;
  return current().give(host().get_property(text(path, path_size), reply), reply, value,
                        value_size);
}
Status proxy_set_property(const char* path, size_t path_size, const char* value,
                          size_t value_size) {
  return host().set_property(text(path, path_size), text(value, value_size));
}
Status proxy_send_local_response(std::uint32_t status, const char* details, size_t details_size,
                                 const char* body, size_t body_size, const char* headers,
                                 size_t headers_size, std::int32_t grpc_status) {
  return host().send_local_response(status, text(details, details_size), text(body, body_size),
                                    text(headers, headers_size), grpc_status);
}
Status proxy_continue_stream(StreamType stream) { return host().continue_stream(stream); }
Status proxy_close_stream(StreamType stream) { return host().close_stream(stream); }
Status proxy_clear_route_cache() { return host().clear_route_cache(); }
Status proxy_continue_request() { return host().continue_request(); }
Status proxy_continue_response() { return host().continue_response(); }
Status proxy_get_configuration(char** bytes, size_t* size) {
  Reply reply;
  return current().give(host().get_configuration(reply), reply, bytes, size);
}

Status proxy_http_call(const char* service, size_t service_size, const char* headers,
                       size_t headers_size, const char* body, size_t body_size,
                       const char* trailers, size_t trailers_size,
                       std::uint32_t timeout_milliseconds, std::uint32_t* call) {
  return host().http_call(text(service, service_size), text(headers, headers_size),
                          text(body, body_size), text(trailers, trailers_size),
                          timeout_milliseconds, *call);
}
Status proxy_grpc_call(const char* service, size_t service_size, const char* package,
                       size_t package_size, const char* method, size_t method_size,
                       const char* metadata, size_t metadata_size, const char* message,
                       size_t message_size, std::uint32_t timeout_milliseconds,
                       std::uint32_t* call) {
  return host().grpc_call(text(service, service_size), text(package, package_size),
                          text(method, method_size), text(metadata, metadata_size),
                          text(message, message_size), timeout_milliseconds, *call);
}
Status proxy_grpc_stream(const char* service, size_t service_size, const char* package,
                         size_t package_size, const char* method, size_t method_size,
                         const char* metadata, size_t metadata_size, std::uint32_t* call) {
  return host().grpc_stream(text(service, service_size), text(package, package_size),
                            text(method, method_size), text(metadata, metadata_size), *call);
}
Status proxy_grpc_send(std::uint32_t call, const char* message, size_t size,
                       std::uint32_t end_stream) {
  return host().grpc_send(call, text(message, size), end_stream);
}
Status proxy_grpc_cancel(std::uint32_t call) { return host().grpc_cancel(call); }
Status proxy_grpc_close(std::uint32_t call) { return host().grpc_close(call); }
Status proxy_get_status(std::uint32_t* code, char** message, size_t* size) {
  Reply reply;
  return current().give(host().get_status(*code, reply), reply, message, size);
}
Status proxy_redis_init(const char* service, size_t service_size, const char* user,
                        size_t user_size, const char* password, size_t password_size,
                        std::uint32_t timeout_milliseconds) {
  return host().redis_init(text(service, service_size), text(user, user_size),
                           text(password, password_size), timeout_milliseconds);
}
Status proxy_redis_call(const char* service, size_t service_size, const char* query,
                        size_t query_size, std::uint32_t* call) {
  return host().redis_call(text(service, service_size), text(query, query_size), *call);
}

Status proxy_get_shared_data(const char* key, size_t key_size, char** value, size_t* value_size,
                             std::uint32_t* cas) {
  Reply reply;
  return current().give(host().get_shared_data(text(key, key_size), reply, *cas), reply, value,
                        value_size);
}
Status proxy_set_shared_data(const char* key, size_t key_size, const char* value, size_t value_size,
                             std::uint32_t cas) {
  return host().set_shared_data(text(key, key_size), text(value, value_size), cas);
}
Status proxy_register_shared_queue(const char* name, size_t size, std::uint32_t* queue) {
  return host().register_shared_queue(text(name, size), *queue);
}
Status proxy_resolve_shared_queue(const char* vm_id, size_t vm_id_size, const char* name,
                                  size_t name_size, std::uint32_t* queue) {
  return host().resolve_shared_queue(text(vm_id, vm_id_size), text(name, name_size), *queue);
}
Status proxy_enqueue_shared_queue(std::uint32_t queue, const char* item, size_t size) {
  return host().enqueue_shared_queue(queue, text(item, size));
}
Status proxy_dequeue_shared_queue(std::uint32_t queue, char** item, size_t* size) {
  Reply reply;
  return current().give(host().dequeue_shared_queue(queue, reply), reply, item, size);
}

Status proxy_define_metric(MetricType type, const char* name, size_t size, std::uint32_t* metric) {
  return host().define_metric(type, text(name, size), *metric);
}
Status proxy_increment_metric(std::uint32_t metric, std::int64_t offset) {
  return host().increment_metric(metric, offset);
}
Status proxy_record_metric(std::uint32_t metric, std::uint64_t value) {
  return host().record_metric(metric, value);
}
Status proxy_get_metric(std::uint32_t metric, std::uint64_t* value) {
  return host().get_metric(metric, *value);
}

Status proxy_call_foreign_function(const char* name, size_t name_size, const char* arguments,
                                   size_t arguments_size, char** results, size_t* results_size) {
  Reply reply;
  const Status status =
      host().call_foreign_function(text(name, name_size), text(arguments, arguments_size), reply);
  return current().give(status, reply, results, results_size);
}

Status proxy_inject_encoded_data_to_filter_chain(const char* bytes, size_t size,
                                                 std::uint32_t end_stream) {
  return host().inject_response(text(bytes, size), end_stream);
}
Status proxy_get_upstream_hosts(char** pairs, size_t* size) {
  Reply reply;
  return current().give(host().get_upstream_hosts(reply), reply, pairs, size);
}
Status proxy_set_upstream_override_host(const char* address, size_t size) {
  return host().set_upstream_host(text(address, size));
}

}  // extern "C"
