// SPDX-License-Identifier: Apache-2.0
// Host functions: foreign functions, which a plug-in calls by name. Those of Higress are known
// here, others outside.
#include <cstring>

#include "wasm/host.h"

namespace mynah::wasm {
namespace {

std::string bytes_of(std::uint32_t number) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

// The argument of inject_encoded_data_to_filter_chain_on_header, in protocol buffers:
//   message { string body = 1; bool endstream = 2; }
struct Injection {
  // tidy: allow string_view: lives no longer than the call
  std::string_view body;
  bool end_stream = false;
};

std::optional<std::uint64_t> take_varint(std::string_view& in) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  return std::nullopt;
}

std::optional<Injection> parse_injection(std::string_view in) {
  constexpr std::uint64_t kBody = (1 << 3) | 2;
  constexpr std::uint64_t kEndStream = 2 << 3;
  Injection injection;
  while (!in.empty()) {
    const auto tag = take_varint(in);
    const auto number = take_varint(in);
    if (!tag || !number) return std::nullopt;
    if (*tag == kEndStream) {
      injection.end_stream = *number != 0;
    } else if (*tag == kBody && *number <= in.size()) {
      injection.body = in.substr(0, *number);
      in.remove_prefix(*number);
    } else {
      return std::nullopt;
    }
  }
  return injection;
}

}  // namespace

abi::Status Host::call_foreign_function(std::string_view name, std::string_view arguments,
                                        Reply& results) {
  if (arguments.size() > settings_.limits.foreign_bytes) return abi::Status::bad_argument;
  if (name == abi::kGetLogLevel) {
    results.own(bytes_of(static_cast<std::uint32_t>(outside_.log_level())));
    return abi::Status::ok;
  }
  if (name == abi::kInjectDataOnHeader) {
    const auto injection = parse_injection(arguments);
    if (!injection) return abi::Status::bad_argument;
    return inject_response(injection->body, injection->end_stream ? 1 : 0);
  }
  // A throttle of another host's event loop: there is nothing to set here, and plug-ins log a
  // refusal as an error.
  if (name == abi::kSetMaxRequestsPerIoCycle) return abi::Status::ok;
  if (name == "clear_route_cache") return clear_route_cache();

  Result<std::string> given = outside_.foreign(name, arguments, exchange());
  if (!given) {
    return given.error().code == Errc::not_found ? abi::Status::not_found
                                                 : status_of(given.error());
  }
  if (given->size() > settings_.limits.foreign_bytes) return abi::Status::internal_failure;
  results.own(*std::move(given));
  return abi::Status::ok;
}

}  // namespace mynah::wasm
