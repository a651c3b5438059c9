// SPDX-License-Identifier: Apache-2.0
// What sdk_bench measures, written by hand on the ABI: marks a request with who asks, and its
// response with how many bytes have passed. coroutine.cc is the same with the SDK.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unordered_map>

#include "abi/abi.h"
#include "abi/imports.h"
#include "base/json.h"
#include "base/text.h"

#define EXPORT(name) extern "C" __attribute__((export_name(#name)))

namespace {

using mynah::abi::BufferType;
using mynah::abi::MapType;
using mynah::abi::Status;

struct Stream {
  std::size_t bytes = 0;
};

// Made with the first context: a module's objects have no destructors to run.
struct Plugin {
  std::string mark = "seen";
  std::unordered_map<std::uint32_t, Stream> streams;
};

Plugin& plugin() {
  static auto* made = new Plugin();  // tidy: allow new: the machine is never wound up
  return *made;
}

std::string taken(char* data, std::size_t size) {
  std::string text(data, size);
  std::free(data);
  return text;
}

void set(MapType map, std::string_view value) {
  constexpr std::string_view kName = "x-mark";
  proxy_replace_header_map_value(map, kName.data(), kName.size(), value.data(), value.size());
}

}  // namespace

EXPORT(proxy_abi_version_0_2_100) void proxy_abi_version_0_2_100() {}
EXPORT(proxy_on_memory_allocate) void* proxy_on_memory_allocate(std::size_t bytes) {
  return std::malloc(bytes);
}
EXPORT(proxy_on_vm_start) std::uint32_t proxy_on_vm_start(std::uint32_t, std::uint32_t) {
  return 1;
}
EXPORT(proxy_on_configure)
std::uint32_t proxy_on_configure(std::uint32_t, std::uint32_t bytes) {
  char* data = nullptr;
  std::size_t size = 0;
  proxy_get_buffer_bytes(BufferType::plugin_configuration, 0, bytes, &data, &size);
  const auto json = mynah::Json::parse(taken(data, size));
  if (!json) return 0;
  plugin().mark = json->text("mark");
  return 1;
}
EXPORT(proxy_on_context_create)
void proxy_on_context_create(std::uint32_t id, std::uint32_t root) {
  if (root != 0) plugin().streams.emplace(id, Stream());
}
EXPORT(proxy_on_request_headers)
std::uint32_t proxy_on_request_headers(std::uint32_t, std::uint32_t, std::uint32_t) {
  constexpr std::string_view kAgent = "user-agent";
  char* data = nullptr;
  std::size_t size = 0;
  const Status found = proxy_get_header_map_value(MapType::request_headers, kAgent.data(),
                                                  kAgent.size(), &data, &size);
  const std::string agent = found == Status::ok ? taken(data, size) : "nobody";
  set(MapType::request_headers, mynah::cat(plugin().mark, " ", agent));
  return 0;
}
EXPORT(proxy_on_request_body)
std::uint32_t proxy_on_request_body(std::uint32_t, std::uint32_t, std::uint32_t) { return 0; }
EXPORT(proxy_on_response_headers)
std::uint32_t proxy_on_response_headers(std::uint32_t, std::uint32_t, std::uint32_t) {
  set(MapType::response_headers, plugin().mark);
  return 0;
}
EXPORT(proxy_on_response_body)
std::uint32_t proxy_on_response_body(std::uint32_t id, std::uint32_t bytes, std::uint32_t end) {
  Stream& stream = plugin().streams[id];
  char* data = nullptr;
  std::size_t size = 0;
  if (bytes > 0 &&
      proxy_get_buffer_bytes(BufferType::http_response_body, 0, bytes, &data, &size) == Status::ok)
    stream.bytes += taken(data, size).size();
  if (end != 0) {
    const std::string text = mynah::cat(stream.bytes);
    proxy_set_property("bytes", 5, text.data(), text.size());
  }
  return 0;
}
EXPORT(proxy_on_done) std::uint32_t proxy_on_done(std::uint32_t) { return 1; }
EXPORT(proxy_on_delete) void proxy_on_delete(std::uint32_t id) { plugin().streams.erase(id); }
