// SPDX-License-Identifier: Apache-2.0
// The callbacks that the host finds: exports of the module, or in a native build a table.
#include <cstdlib>

#include "callbacks.h"
#include "mynah/native.h"
#include "runtime.h"

namespace {

using mynah::plugin::inner::Runtime;
using Number = std::uint32_t;

// Places of a message's callbacks, as Message counts them.
constexpr Number kHeaders = 1;
constexpr Number kBody = 2;
constexpr Number kTrailers = 3;

}  // namespace

#ifdef __wasm__
#define MYNAH_EXPORT(name) extern "C" __attribute__((export_name(#name)))
#else
#define MYNAH_EXPORT(name) static
#endif

MYNAH_EXPORT(proxy_on_vm_start) Number proxy_on_vm_start(Number, Number) { return 1; }
MYNAH_EXPORT(proxy_on_configure) Number proxy_on_configure(Number root, Number bytes) {
  return Runtime::here().on_configure(root, bytes);
}
MYNAH_EXPORT(proxy_on_context_create) void proxy_on_context_create(Number context, Number root) {
  Runtime::here().on_context_create(context, root);
}
MYNAH_EXPORT(proxy_on_request_headers)
Number proxy_on_request_headers(Number context, Number, Number end) {
  return Runtime::here().on_request_headers(context, end != 0);
}
MYNAH_EXPORT(proxy_on_request_body)
Number proxy_on_request_body(Number context, Number bytes, Number end) {
  return Runtime::here().on_message(context, false, kBody, bytes, end != 0);
}
MYNAH_EXPORT(proxy_on_request_trailers) Number proxy_on_request_trailers(Number context, Number) {
  return Runtime::here().on_message(context, false, kTrailers, 0, true);
}
MYNAH_EXPORT(proxy_on_response_headers)
Number proxy_on_response_headers(Number context, Number, Number end) {
  return Runtime::here().on_message(context, true, kHeaders, 0, end != 0);
}
MYNAH_EXPORT(proxy_on_response_body)
Number proxy_on_response_body(Number context, Number bytes, Number end) {
  return Runtime::here().on_message(context, true, kBody, bytes, end != 0);
}
MYNAH_EXPORT(proxy_on_response_trailers) Number proxy_on_response_trailers(Number context, Number) {
  return Runtime::here().on_message(context, true, kTrailers, 0, true);
}
MYNAH_EXPORT(proxy_on_done) Number proxy_on_done(Number context) {
  return Runtime::here().on_done(context);
}
MYNAH_EXPORT(proxy_on_delete) void proxy_on_delete(Number context) {
  Runtime::here().on_delete(context);
}

#ifdef __wasm__

// Envoy knows the first marker, Mynah and Higress prefer the second, whose headers can be held
// while the body comes.
MYNAH_EXPORT(proxy_abi_version_0_2_1) void proxy_abi_version_0_2_1() {}
MYNAH_EXPORT(proxy_abi_version_0_2_100) void proxy_abi_version_0_2_100() {}

MYNAH_EXPORT(proxy_on_memory_allocate) void* proxy_on_memory_allocate(std::size_t bytes) {
  return std::malloc(bytes);
}

#else

namespace mynah {
inline namespace plugin {

const abi::NativePlugin& native_plugin() {
  using abi::Callback;
  using abi::native_callback;
  static constexpr abi::NativePlugin kTable = [] {
    abi::NativePlugin table;
    table.with(Callback::on_vm_start, native_callback<&proxy_on_vm_start>)
        .with(Callback::on_configure, native_callback<&proxy_on_configure>)
        .with(Callback::on_context_create, native_callback<&proxy_on_context_create>)
        .with(Callback::on_tick, native_callback<&proxy_on_tick>)
        .with(Callback::on_request_headers, native_callback<&proxy_on_request_headers>)
        .with(Callback::on_request_body, native_callback<&proxy_on_request_body>)
        .with(Callback::on_request_trailers, native_callback<&proxy_on_request_trailers>)
        .with(Callback::on_response_headers, native_callback<&proxy_on_response_headers>)
        .with(Callback::on_response_body, native_callback<&proxy_on_response_body>)
        .with(Callback::on_response_trailers, native_callback<&proxy_on_response_trailers>)
        .with(Callback::on_http_call_response, native_callback<&proxy_on_http_call_response>)
        .with(Callback::on_grpc_receive, native_callback<&proxy_on_grpc_receive>)
        .with(Callback::on_grpc_close, native_callback<&proxy_on_grpc_close>)
        .with(Callback::on_redis_call_response, native_callback<&proxy_on_redis_call_response>)
        .with(Callback::on_done, native_callback<&proxy_on_done>)
        .with(Callback::on_delete, native_callback<&proxy_on_delete>);
    table.allocate = [](std::size_t bytes) { return std::malloc(bytes); };
    return table;
  }();
  return kTable;
}

}  // namespace plugin
}  // namespace mynah

#endif
