// SPDX-License-Identifier: Apache-2.0
// The callbacks: the functions of a plug-in that a host calls, all of them optional. Every
// parameter and result is a 32-bit number.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mynah::abi {

enum class Callback : std::uint8_t {
  on_vm_start,
  on_configure,
  on_context_create,
  on_tick,
  on_queue_ready,
  on_new_connection,
  on_downstream_data,
  on_upstream_data,
  on_downstream_connection_close,
  on_upstream_connection_close,
  on_request_headers,
  on_request_body,
  on_request_trailers,
  on_request_metadata,
  on_response_headers,
  on_response_body,
  on_response_trailers,
  on_response_metadata,
  on_http_call_response,
  on_grpc_receive_initial_metadata,
  on_grpc_receive,
  on_grpc_receive_trailing_metadata,
  on_grpc_close,
  on_redis_call_response,
  on_foreign_function,
  on_done,
  on_log,
  on_delete,
};
inline constexpr std::size_t kCallbacks = 28;

struct CallbackShape {
  // tidy: allow string_view: a name that lives as long as the program
  std::string_view name;
  std::uint8_t parameters;
  bool answers;
  // Version 0.1.0 of the callback has one parameter less: it does not learn whether the stream ends
  // here.
  bool shorter_in_0_1_0 = false;
};

// Indexed by Callback. The parameters stand in the comments; a root context is that of a configured
// plug-in.
inline constexpr std::array<CallbackShape, kCallbacks> kCallbackShapes = {{
    {"proxy_on_vm_start", 2, true},                      // root, bytes of configuration; 0: refused
    {"proxy_on_configure", 2, true},                     // root, bytes of configuration; 0: refused
    {"proxy_on_context_create", 2, false},               // context, its root or 0 when it is one
    {"proxy_on_tick", 1, false},                         // root
    {"proxy_on_queue_ready", 2, false},                  // root, queue
    {"proxy_on_new_connection", 1, true},                // context
    {"proxy_on_downstream_data", 3, true},               // context, bytes, end of stream
    {"proxy_on_upstream_data", 3, true},                 // context, bytes, end of stream
    {"proxy_on_downstream_connection_close", 2, false},  // context, PeerType
    {"proxy_on_upstream_connection_close", 2, false},    // context, PeerType
    {"proxy_on_request_headers", 3, true, true},         // context, fields, end of stream
    {"proxy_on_request_body", 3, true},                  // context, bytes, end of stream
    {"proxy_on_request_trailers", 2, true},              // context, fields
    {"proxy_on_request_metadata", 2, true},              // context, fields
    {"proxy_on_response_headers", 3, true, true},        // context, fields, end of stream
    {"proxy_on_response_body", 3, true},                 // context, bytes, end of stream
    {"proxy_on_response_trailers", 2, true},             // context, fields
    {"proxy_on_response_metadata", 2, true},             // context, fields
    {"proxy_on_http_call_response", 5, false},           // root, call, fields, bytes, trailers
    {"proxy_on_grpc_receive_initial_metadata", 3, false},   // root, call, fields
    {"proxy_on_grpc_receive", 3, false},                    // root, call, bytes
    {"proxy_on_grpc_receive_trailing_metadata", 3, false},  // root, call, fields
    {"proxy_on_grpc_close", 3, false},                      // root, call, gRPC status
    {"proxy_on_redis_call_response", 4, false},             // root, call, status, bytes (Higress)
    {"proxy_on_foreign_function", 3, false},                // root, function, bytes
    {"proxy_on_done", 1, true},                             // context; 0: proxy_done() will follow
    {"proxy_on_log", 1, false},                             // context
    {"proxy_on_delete", 1, false},                          // context
}};

constexpr const CallbackShape& shape_of(Callback callback) {
  return kCallbackShapes[static_cast<std::size_t>(callback)];
}

}  // namespace mynah::abi
