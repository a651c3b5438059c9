// SPDX-License-Identifier: Apache-2.0
// Host functions: runs of bytes. Bodies can be read and changed in any part; configurations and
// answers only read.
#include <algorithm>

#include "wasm/host.h"

namespace mynah::wasm {

SliceChain* Host::chain_of(abi::BufferType type) {
  switch (type) {
    case abi::BufferType::http_request_body:
      return exchange() == nullptr ? nullptr : exchange()->body(Direction::request);
    case abi::BufferType::http_response_body:
      return exchange() == nullptr ? nullptr : exchange()->body(Direction::response);
    case abi::BufferType::http_call_response_body:
    case abi::BufferType::grpc_message:
    case abi::BufferType::redis_call_response:
      return delivery_ != nullptr && delivery_->body_type == type ? delivery_->body : nullptr;
    default:
      return nullptr;
  }
}

std::optional<std::string_view> Host::plain_of(abi::BufferType type) {
  switch (type) {
    case abi::BufferType::vm_configuration:
      return settings_.vm_configuration;
    case abi::BufferType::plugin_configuration:
      return acting_root().configuration;
    default:
      return std::nullopt;
  }
}

abi::Status Host::get_buffer_status(abi::BufferType type, std::uint32_t& bytes,
                                    std::uint32_t& flags) {
  flags = 0;
  if (const SliceChain* chain = chain_of(type)) {
    bytes = static_cast<std::uint32_t>(chain->size());
    return abi::Status::ok;
  }
  const auto plain = plain_of(type);
  if (!plain) return abi::Status::not_found;
  bytes = static_cast<std::uint32_t>(plain->size());
  return abi::Status::ok;
}

// A part that reaches over the end is cut; one that begins there is empty.
abi::Status Host::get_buffer_bytes(abi::BufferType type, std::uint32_t start, std::uint32_t count,
                                   Reply& bytes) {
  if (start + count < start) return abi::Status::bad_argument;
  if (const SliceChain* chain = chain_of(type)) {
    const std::size_t from = std::min<std::size_t>(start, chain->size());
    bytes.borrow_part(*chain, from, std::min<std::size_t>(count, chain->size() - from));
    return abi::Status::ok;
  }
  const auto plain = plain_of(type);
  if (!plain) return abi::Status::not_found;
  bytes.borrow(plain->substr(std::min<std::size_t>(start, plain->size()), count));
  return abi::Status::ok;
}

// Start 0 and count 0 put the bytes in front, a start at the end behind; plug-ins replace a whole
// body with the largest count there is, so a count that reaches over the end is cut.
abi::Status Host::set_buffer_bytes(abi::BufferType type, std::uint32_t start, std::uint32_t count,
                                   std::string_view bytes) {
  const bool is_body =
      type == abi::BufferType::http_request_body || type == abi::BufferType::http_response_body;
  SliceChain* const chain = chain_of(type);
  if (chain == nullptr) return plain_of(type) ? abi::Status::bad_argument : abi::Status::not_found;
  if (!is_body) return abi::Status::bad_argument;
  if (start > chain->size() && count != 0) return abi::Status::bad_argument;
  const std::size_t from = std::min<std::size_t>(start, chain->size());
  const std::size_t cut = std::min<std::size_t>(count, chain->size() - from);
  if (chain->size() - cut + bytes.size() > settings_.limits.body_bytes) {
    return abi::Status::bad_argument;
  }
  if (cut == chain->size()) {
    chain->clear();
    if (!bytes.empty()) chain->append(Slice::copy_of(bytes));
  } else {
    chain->replace(from, cut, bytes);
  }
  return abi::Status::ok;
}

abi::Status Host::get_configuration(Reply& bytes) {
  bytes.borrow(acting_root().configuration);
  return abi::Status::ok;
}

}  // namespace mynah::wasm
