// SPDX-License-Identifier: Apache-2.0
// The Proxy-Wasm ABI as numbers, names and layouts: what the host and a plug-in must agree on, and
// nothing else. Covers 0.1.0, 0.2.0, 0.2.1 and 0.2.100, the marker that plug-ins written for
// Higress carry. Numbers that later versions or Higress added are marked; an older plug-in never
// sees them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mynah::abi {

// What a host function answers.
enum class Status : std::uint32_t {
  ok = 0,
  not_found = 1,
  bad_argument = 2,
  serialization_failure = 3,
  parse_failure = 4,
  bad_expression = 5,
  invalid_memory_access = 6,
  empty = 7,
  cas_mismatch = 8,
  result_mismatch = 9,
  internal_failure = 10,
  broken_connection = 11,
  unimplemented = 12,
};

enum class LogLevel : std::uint32_t {
  trace = 0,
  debug = 1,
  info = 2,
  warn = 3,
  error = 4,
  critical = 5
};

// A list of names and values that a plug-in can read or change.
enum class MapType : std::uint32_t {
  request_headers = 0,
  request_trailers = 1,
  response_headers = 2,
  response_trailers = 3,
  grpc_initial_metadata = 4,
  grpc_trailing_metadata = 5,
  http_call_response_headers = 6,
  http_call_response_trailers = 7,
};
inline constexpr std::size_t kMapTypes = 8;

// A run of bytes that a plug-in can read or change.
enum class BufferType : std::uint32_t {
  http_request_body = 0,
  http_response_body = 1,
  downstream_data = 2,
  upstream_data = 3,
  http_call_response_body = 4,
  grpc_message = 5,
  vm_configuration = 6,
  plugin_configuration = 7,
  foreign_function_arguments = 8,
  redis_call_response = 9,  // Higress
};
inline constexpr std::size_t kBufferTypes = 10;

// What proxy_continue_stream and proxy_close_stream name.
enum class StreamType : std::uint32_t {
  http_request = 0,
  http_response = 1,
  downstream = 2,
  upstream = 3
};

enum class MetricType : std::uint32_t { counter = 0, gauge = 1, histogram = 2 };

enum class PeerType : std::uint32_t { unknown = 0, local = 1, remote = 2 };

// What a callback for headers answers.
//
// `stop_iteration` is where hosts differ. Higress, and this host for a plug-in that carries the
// marker 0.2.100, hold the headers back and go on calling the plug-in with the body; when there is
// no body, somebody must continue the stream. Envoy, and this host for all other markers, treat it
// as `stop_all_and_watermark`: no callback for the body until the stream is continued. A plug-in
// that exports two markers is run by each host as the one that it prefers: Envoy takes 0.2.1,
// Higress and this host 0.2.100.
enum class HeadersAction : std::uint32_t {
  continue_iteration = 0,
  stop_iteration = 1,
  continue_and_end_stream = 2,
  stop_all_and_buffer = 3,
  stop_all_and_watermark = 4,
};

// What a callback for a piece of a body answers.
enum class BodyAction : std::uint32_t {
  continue_iteration = 0,
  stop_and_buffer = 1,  // the next callback sees all that was gathered
  stop_and_watermark =
      2,               // as above, but the sender is slowed down at the limit instead of refused
  stop_no_buffer = 3,  // the piece is dropped; the plug-in goes on with data of its own
};

enum class TrailersAction : std::uint32_t { continue_iteration = 0, stop_iteration = 1 };

// gRPC's status codes, as far as the ABI itself names them.
inline constexpr std::uint32_t kGrpcOk = 0;
inline constexpr std::uint32_t kGrpcCancelled = 1;
inline constexpr std::uint32_t kGrpcUnknown = 2;
inline constexpr std::uint32_t kGrpcUnavailable = 14;
// Given to proxy_send_local_response by those who name no status.
inline constexpr std::int32_t kGrpcStatusUnset = -1;

// A list of names and values on its way through guest memory ("pairs"), all numbers 32 bit,
// little-endian:
//
//   pairs  := count  size{count}  text{count}
//   size   := bytes of the name  bytes of the value
//   text   := name 0x00 value 0x00
//
// The size of the empty list may also be zero bytes. A host reads numbers at any alignment.
inline constexpr std::size_t kPairsCountBytes = 4;
inline constexpr std::size_t kPairsSizeBytes = 8;
inline constexpr std::size_t kPairsTerminators = 2;

// A property's path is a row of names with this byte between them: "request\0headers\0user-agent".
inline constexpr char kPathSeparator = '\0';

// Exports that say which version a module speaks. A host takes the best that it knows.
inline constexpr std::string_view kVersion_0_1_0 = "proxy_abi_version_0_1_0";
inline constexpr std::string_view kVersion_0_2_0 = "proxy_abi_version_0_2_0";
inline constexpr std::string_view kVersion_0_2_1 = "proxy_abi_version_0_2_1";
inline constexpr std::string_view kVersion_0_2_100 = "proxy_abi_version_0_2_100";

// Other exports that a host calls or needs.
inline constexpr std::string_view kMemory = "memory";
inline constexpr std::string_view kAllocate = "proxy_on_memory_allocate";
inline constexpr std::string_view kMalloc = "malloc";
inline constexpr std::string_view kInitialize = "_initialize";
inline constexpr std::string_view kStart = "_start";

// The module names under which a plug-in imports the host.
inline constexpr std::string_view kEnv = "env";
inline constexpr std::string_view kWasi = "wasi_snapshot_preview1";
inline constexpr std::string_view kWasiOld = "wasi_unstable";

// The custom section in which a plug-in describes itself: one JSON object, UTF-8.
inline constexpr std::string_view kIdentitySection = "mynah.plugin";

// Foreign functions that Higress knows.
inline constexpr std::string_view kGetLogLevel = "get_log_level";
inline constexpr std::string_view kSetMaxRequestsPerIoCycle =
    "set_global_max_requests_per_io_cycle";
inline constexpr std::string_view kInjectDataOnHeader =
    "inject_encoded_data_to_filter_chain_on_header";
// What this host adds begins so.
inline constexpr std::string_view kOwnForeignPrefix = "mynah.";

}  // namespace mynah::abi
