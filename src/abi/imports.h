// SPDX-License-Identifier: Apache-2.0
// The host functions as a plug-in declares them. In a module they are imports; in a plug-in that is
// linked into the host's process they are ordinary functions, which the host defines. Inputs are a
// pointer and a size; outputs are pointers to numbers, or to a pointer and a size, in which case
// the bytes were allocated with the plug-in's own allocator and belong to it. A pair of
// out-pointers is written only when the answer is Status::ok.
#pragma once

#include <cstddef>
#include <cstdint>

#include "abi/abi.h"

#ifdef __wasm__
#define MYNAH_HOST(name) \
  [[clang::import_module("env"), clang::import_name(#name)]] mynah::abi::Status name
#else
#define MYNAH_HOST(name) mynah::abi::Status name
#endif

extern "C" {

// Log, time, life cycle.
MYNAH_HOST(proxy_log)(mynah::abi::LogLevel level, const char* message, std::size_t size);
MYNAH_HOST(proxy_get_log_level)(mynah::abi::LogLevel* level);
MYNAH_HOST(proxy_get_current_time_nanoseconds)(std::uint64_t* unix_time);
MYNAH_HOST(proxy_set_tick_period_milliseconds)(std::uint32_t period);
MYNAH_HOST(proxy_set_effective_context)(std::uint32_t context);
MYNAH_HOST(proxy_done)();

// The exchange: headers, bodies, properties, what becomes of it.
MYNAH_HOST(proxy_get_header_map_size)(mynah::abi::MapType map, std::uint32_t* bytes);
MYNAH_HOST(proxy_get_header_map_pairs)(mynah::abi::MapType map, char** pairs, std::size_t* size);
MYNAH_HOST(proxy_set_header_map_pairs)(mynah::abi::MapType map, const char* pairs,
                                       std::size_t size);
MYNAH_HOST(proxy_get_header_map_value)(mynah::abi::MapType map, const char* name,
                                       std::size_t name_size, char** value,
                                       std::size_t* value_size);
MYNAH_HOST(proxy_add_header_map_value)(mynah::abi::MapType map, const char* name,
                                       std::size_t name_size, const char* value,
                                       std::size_t value_size);
MYNAH_HOST(proxy_replace_header_map_value)(mynah::abi::MapType map, const char* name,
                                           std::size_t name_size, const char* value,
                                           std::size_t value_size);
MYNAH_HOST(proxy_remove_header_map_value)(mynah::abi::MapType map, const char* name,
                                          std::size_t name_size);
MYNAH_HOST(proxy_get_buffer_status)(mynah::abi::BufferType buffer, std::size_t* bytes,
                                    std::uint32_t* flags);
MYNAH_HOST(proxy_get_buffer_bytes)(mynah::abi::BufferType buffer, std::size_t start,
                                   std::size_t count, char** bytes, std::size_t* size);
// Puts the bytes in the place of `count` bytes at `start`.
MYNAH_HOST(proxy_set_buffer_bytes)(mynah::abi::BufferType buffer, std::size_t start,
                                   std::size_t count, const char* bytes, std::size_t size);
MYNAH_HOST(proxy_get_property)(const char* path, std::size_t path_size, char** value,
                               std::size_t* value_size);
MYNAH_HOST(proxy_set_property)(const char* path, std::size_t path_size, const char* value,
                               std::size_t value_size);
MYNAH_HOST(proxy_send_local_response)(std::uint32_t status, const char* details,
                                      std::size_t details_size, const char* body,
                                      std::size_t body_size, const char* headers,
                                      std::size_t headers_size, std::int32_t grpc_status);
MYNAH_HOST(proxy_continue_stream)(mynah::abi::StreamType stream);
MYNAH_HOST(proxy_close_stream)(mynah::abi::StreamType stream);
MYNAH_HOST(proxy_clear_route_cache)();
// 0.1.0
MYNAH_HOST(proxy_continue_request)();
MYNAH_HOST(proxy_continue_response)();
MYNAH_HOST(proxy_get_configuration)(char** bytes, std::size_t* size);

// Calls to services. A call that was sent is answered by a callback that names its number.
MYNAH_HOST(proxy_http_call)(const char* service, std::size_t service_size, const char* headers,
                            std::size_t headers_size, const char* body, std::size_t body_size,
                            const char* trailers, std::size_t trailers_size,
                            std::uint32_t timeout_milliseconds, std::uint32_t* call);
MYNAH_HOST(proxy_grpc_call)(const char* service, std::size_t service_size, const char* package,
                            std::size_t package_size, const char* method, std::size_t method_size,
                            const char* metadata, std::size_t metadata_size, const char* message,
                            std::size_t message_size, std::uint32_t timeout_milliseconds,
                            std::uint32_t* call);
MYNAH_HOST(proxy_grpc_stream)(const char* service, std::size_t service_size, const char* package,
                              std::size_t package_size, const char* method, std::size_t method_size,
                              const char* metadata, std::size_t metadata_size, std::uint32_t* call);
MYNAH_HOST(proxy_grpc_send)(std::uint32_t call, const char* message, std::size_t size,
                            std::uint32_t end_stream);
MYNAH_HOST(proxy_grpc_cancel)(std::uint32_t call);
MYNAH_HOST(proxy_grpc_close)(std::uint32_t call);
MYNAH_HOST(proxy_get_status)(std::uint32_t* code, char** message, std::size_t* size);
// Higress. The query and the reply are raw RESP.
MYNAH_HOST(proxy_redis_init)(const char* service, std::size_t service_size, const char* user,
                             std::size_t user_size, const char* password, std::size_t password_size,
                             std::uint32_t timeout_milliseconds);
MYNAH_HOST(proxy_redis_call)(const char* service, std::size_t service_size, const char* query,
                             std::size_t query_size, std::uint32_t* call);

// What the machines of all workers share.
MYNAH_HOST(proxy_get_shared_data)(const char* key, std::size_t key_size, char** value,
                                  std::size_t* value_size, std::uint32_t* cas);
// With `cas` other than zero: only if the value is still the one that was read with it.
MYNAH_HOST(proxy_set_shared_data)(const char* key, std::size_t key_size, const char* value,
                                  std::size_t value_size, std::uint32_t cas);
MYNAH_HOST(proxy_register_shared_queue)(const char* name, std::size_t size, std::uint32_t* queue);
MYNAH_HOST(proxy_resolve_shared_queue)(const char* vm_id, std::size_t vm_id_size, const char* name,
                                       std::size_t name_size, std::uint32_t* queue);
MYNAH_HOST(proxy_enqueue_shared_queue)(std::uint32_t queue, const char* item, std::size_t size);
MYNAH_HOST(proxy_dequeue_shared_queue)(std::uint32_t queue, char** item, std::size_t* size);

MYNAH_HOST(proxy_define_metric)(mynah::abi::MetricType type, const char* name, std::size_t size,
                                std::uint32_t* metric);
MYNAH_HOST(proxy_increment_metric)(std::uint32_t metric, std::int64_t offset);
MYNAH_HOST(proxy_record_metric)(std::uint32_t metric, std::uint64_t value);
MYNAH_HOST(proxy_get_metric)(std::uint32_t metric, std::uint64_t* value);

MYNAH_HOST(proxy_call_foreign_function)(const char* name, std::size_t name_size,
                                        const char* arguments, std::size_t arguments_size,
                                        char** results, std::size_t* results_size);

// Higress: response bytes sent from anywhere, the hosts behind the chosen service, the choice of
// one of them.
MYNAH_HOST(proxy_inject_encoded_data_to_filter_chain)(const char* bytes, std::size_t size,
                                                      std::uint32_t end_stream);
MYNAH_HOST(proxy_get_upstream_hosts)(char** pairs, std::size_t* size);
MYNAH_HOST(proxy_set_upstream_override_host)(const char* address, std::size_t size);

}  // extern "C"

#undef MYNAH_HOST
