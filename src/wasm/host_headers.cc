// SPDX-License-Identifier: Apache-2.0
// Host functions: header maps. The maps of the exchange can be read and changed, those of a call's
// answer only read.
#include "base/text.h"
#include "wasm/header_rules.h"
#include "wasm/host.h"
#include "wasm/pairs.h"

namespace mynah::wasm {
namespace {

// The name in lower case: itself when it is so already, as it mostly is.
class LowerName final {
 public:
  explicit LowerName(std::string_view name) : view_(name) {
    for (const char c : name) {
      if (c >= 'A' && c <= 'Z') {
        copy_ = lower(name);
        view_ = copy_;
        return;
      }
    }
  }
  LowerName(const LowerName&) = delete;
  LowerName& operator=(const LowerName&) = delete;

  operator std::string_view() const { return view_; }

 private:
  std::string copy_;
  // tidy: allow string_view: lives no longer than the call
  std::string_view view_;
};

bool is_exchange_map(abi::MapType map) { return map <= abi::MapType::response_trailers; }

// A plug-in replaces all fields and leaves out what a message cannot be without: that is kept.
void keep_pseudo_fields(const Headers& from, Headers& to) {
  for (const Headers::Field& field : from) {
    if (is_pseudo(field.name) && !to.has(field.name)) to.add(field.name, field.value);
  }
}

}  // namespace

const Headers* Host::readable(abi::MapType map) {
  if (is_exchange_map(map)) {
    Exchange* const current = exchange();
    return current == nullptr ? nullptr : current->headers(map);
  }
  if (delivery_ == nullptr) return nullptr;
  switch (map) {
    case abi::MapType::http_call_response_headers:
      return delivery_->grpc ? nullptr : delivery_->headers;
    case abi::MapType::http_call_response_trailers:
      return delivery_->grpc ? nullptr : delivery_->trailers;
    case abi::MapType::grpc_initial_metadata:
      return delivery_->grpc ? delivery_->headers : nullptr;
    case abi::MapType::grpc_trailing_metadata:
      return delivery_->grpc ? delivery_->trailers : nullptr;
    default:
      return nullptr;
  }
}

Headers* Host::writable(abi::MapType map) {
  Exchange* const current = exchange();
  return current == nullptr || !is_exchange_map(map) ? nullptr : current->headers(map);
}

std::optional<Headers> Host::decode_pairs(std::string_view pairs) {
  Headers headers;
  const Limits& limits = settings_.limits;
  if (!read_pairs(pairs, limits.header_fields, limits.header_bytes, headers).ok()) {
    return std::nullopt;
  }
  if (!are_legal_fields(headers)) return std::nullopt;
  return headers;
}

abi::Status Host::get_header_map_size(abi::MapType map, std::uint32_t& bytes) {
  const Headers* const headers = readable(map);
  if (headers == nullptr) return abi::Status::bad_argument;
  bytes = static_cast<std::uint32_t>(headers->text_bytes());
  return abi::Status::ok;
}

// After the exchange a map that never came reads as empty: a plug-in's logging phase asks for all.
abi::Status Host::get_header_map_pairs(abi::MapType map, Reply& pairs) {
  const Headers* const headers = readable(map);
  if (headers != nullptr) {
    pairs.borrow_pairs(*headers);
    return abi::Status::ok;
  }
  if (!acting().finished) return abi::Status::bad_argument;
  pairs.own_pairs({});
  return abi::Status::ok;
}

abi::Status Host::get_header_map_value(abi::MapType map, std::string_view name, Reply& value) {
  const Headers* const headers = readable(map);
  if (headers == nullptr) {
    return acting().finished ? abi::Status::not_found : abi::Status::bad_argument;
  }
  const auto found = headers->find(LowerName(name));
  if (!found) return abi::Status::not_found;
  value.borrow(*found);
  return abi::Status::ok;
}

abi::Status Host::set_header_map_pairs(abi::MapType map, std::string_view pairs) {
  Headers* const headers = writable(map);
  if (headers == nullptr) return abi::Status::bad_argument;
  std::optional<Headers> given = decode_pairs(pairs);
  if (!given) return abi::Status::bad_argument;
  for (const Headers::Field& field : *given) {
    const bool foreign = is_pseudo(field.name) && !belongs_to(map, field.name);
    if (foreign || (is_pseudo(field.name) && given->count(field.name) > 1)) {
      return abi::Status::bad_argument;
    }
  }
  keep_pseudo_fields(*headers, *given);
  *headers = *std::move(given);
  exchange()->headers_changed(map);
  return abi::Status::ok;
}

abi::Status Host::add_header_map_value(abi::MapType map, std::string_view name,
                                       std::string_view value) {
  if (is_pseudo(name)) return replace_header_map_value(map, name, value);
  Headers* const headers = writable(map);
  if (headers == nullptr || !is_legal_field(name, value)) return abi::Status::bad_argument;
  const Limits& limits = settings_.limits;
  if (headers->size() >= limits.header_fields ||
      headers->text_bytes() + name.size() + value.size() > limits.header_bytes) {
    return abi::Status::bad_argument;
  }
  headers->add(name, value);
  exchange()->headers_changed(map);
  return abi::Status::ok;
}

abi::Status Host::replace_header_map_value(abi::MapType map, std::string_view name,
                                           std::string_view value) {
  Headers* const headers = writable(map);
  if (headers == nullptr || !is_legal_field(name, value)) return abi::Status::bad_argument;
  const LowerName lower_name(name);
  if (is_pseudo(name) && !belongs_to(map, lower_name)) return abi::Status::bad_argument;
  const Limits& limits = settings_.limits;
  if (headers->size() >= limits.header_fields && !headers->has(lower_name)) {
    return abi::Status::bad_argument;
  }
  if (headers->text_bytes() + name.size() + value.size() > limits.header_bytes) {
    return abi::Status::bad_argument;
  }
  headers->set(lower_name, value);
  exchange()->headers_changed(map);
  return abi::Status::ok;
}

abi::Status Host::remove_header_map_value(abi::MapType map, std::string_view name) {
  Headers* const headers = writable(map);
  if (headers == nullptr || is_pseudo(name)) return abi::Status::bad_argument;
  if (headers->remove(LowerName(name)) > 0) exchange()->headers_changed(map);
  return abi::Status::ok;
}

}  // namespace mynah::wasm
