// SPDX-License-Identifier: Apache-2.0
// The callbacks, as the host finds them: exports of a module; natively, functions for the table of
// exports.cc. Those that only some plug-ins need are defined in the file of what they are for, so
// that a module has them only when it uses that.
#pragma once

#include <cstdint>

#ifdef __wasm__
#define MYNAH_CALLBACK(name) extern "C" __attribute__((export_name(#name)))
#else
#define MYNAH_CALLBACK(name) extern "C"
#endif

MYNAH_CALLBACK(proxy_on_tick) void proxy_on_tick(std::uint32_t root);
MYNAH_CALLBACK(proxy_on_http_call_response)
void proxy_on_http_call_response(std::uint32_t root, std::uint32_t token, std::uint32_t fields,
                                 std::uint32_t bytes, std::uint32_t trailers);
MYNAH_CALLBACK(proxy_on_grpc_receive)
void proxy_on_grpc_receive(std::uint32_t root, std::uint32_t token, std::uint32_t bytes);
MYNAH_CALLBACK(proxy_on_grpc_close)
void proxy_on_grpc_close(std::uint32_t root, std::uint32_t token, std::uint32_t status);
MYNAH_CALLBACK(proxy_on_redis_call_response)
void proxy_on_redis_call_response(std::uint32_t root, std::uint32_t token, std::uint32_t status,
                                  std::uint32_t bytes);
