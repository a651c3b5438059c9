// SPDX-License-Identifier: Apache-2.0
// Host functions: shared data and shared queues.
#include "wasm/host.h"

namespace mynah::wasm {

abi::Status Host::get_shared_data(std::string_view key, Reply& value, std::uint32_t& cas) {
  Result<SharedData::Value> found = shared_.data.get(settings_.vm_id, key);
  if (!found) return abi::Status::not_found;
  cas = found->cas;
  value.own(std::move(found->bytes));
  return abi::Status::ok;
}

abi::Status Host::set_shared_data(std::string_view key, std::string_view value, std::uint32_t cas) {
  const Status set = shared_.data.set(settings_.vm_id, key, value, cas);
  if (set) return abi::Status::ok;
  if (set.error().code == Errc::already_exists) return abi::Status::cas_mismatch;
  return set.error().code == Errc::too_large ? abi::Status::bad_argument
                                             : abi::Status::internal_failure;
}

abi::Status Host::register_shared_queue(std::string_view name, std::uint32_t& queue) {
  if (acting_root().id == 0) return abi::Status::bad_argument;
  const auto opened = shared_.queues.open(settings_.vm_id, name, acting_root());
  if (!opened) return status_of(opened.error());
  queue = *opened;
  return abi::Status::ok;
}

abi::Status Host::resolve_shared_queue(std::string_view vm_id, std::string_view name,
                                       std::uint32_t& queue) {
  const auto found = shared_.queues.resolve(vm_id.empty() ? settings_.vm_id : vm_id, name);
  if (!found) return abi::Status::not_found;
  queue = *found;
  return abi::Status::ok;
}

abi::Status Host::enqueue_shared_queue(std::uint32_t queue, std::string_view item) {
  const Status sent = shared_.queues.send(queue, item);
  if (sent) return abi::Status::ok;
  return sent.error().code == Errc::not_found ? abi::Status::not_found
                                              : abi::Status::internal_failure;
}

abi::Status Host::dequeue_shared_queue(std::uint32_t queue, Reply& item) {
  Result<std::string> received = shared_.queues.receive(queue);
  if (received) {
    item.own(*std::move(received));
    return abi::Status::ok;
  }
  return received.error().code == Errc::unavailable ? abi::Status::empty : abi::Status::not_found;
}

}  // namespace mynah::wasm
