// SPDX-License-Identifier: Apache-2.0
// Shared queues over the host functions.
#include "mynah/queue.h"

#include <utility>

#include "abi/abi.h"
#include "abi/imports.h"
#include "base/text.h"
#include "mynah/bytes.h"

namespace mynah {
inline namespace plugin {

namespace {

Error refused(std::string_view what, std::string_view name, abi::Status status) {
  return Error{status == abi::Status::not_found ? Errc::not_found : Errc::unavailable,
               cat("the host refuses to ", what, " the shared queue \"", name, "\": status ",
                   std::to_underlying(status))};
}

}  // namespace

Result<SharedQueue> SharedQueue::open(std::string_view name) {
  std::uint32_t id = 0;
  const abi::Status status = proxy_register_shared_queue(name.data(), name.size(), &id);
  if (status != abi::Status::ok) return refused("open", name, status);
  return SharedQueue(id);
}

Result<SharedQueue> SharedQueue::find(std::string_view vm_id, std::string_view name) {
  std::uint32_t id = 0;
  const abi::Status status =
      proxy_resolve_shared_queue(vm_id.data(), vm_id.size(), name.data(), name.size(), &id);
  if (status != abi::Status::ok) return refused("find", name, status);
  return SharedQueue(id);
}

Status SharedQueue::push(std::string_view item) {
  const abi::Status status = proxy_enqueue_shared_queue(id_, item.data(), item.size());
  if (status != abi::Status::ok) return refused("fill", cat(id_), status);
  return ok();
}

std::optional<std::string> SharedQueue::pop() {
  char* data = nullptr;
  std::size_t size = 0;
  if (proxy_dequeue_shared_queue(id_, &data, &size) != abi::Status::ok) return std::nullopt;
  return Bytes::adopt(data, size).str();
}

}  // namespace plugin
}  // namespace mynah
