// SPDX-License-Identifier: Apache-2.0
// One lock for all queues, held for one step.
#include "wasm/shared_queues.h"

#include <algorithm>

namespace mynah::wasm {
namespace {

Error unknown_queue() { return {Errc::not_found, "no such shared queue"}; }

}  // namespace

Result<SharedQueues::Id> SharedQueues::open(std::string_view vm_id, std::string_view name,
                                            Listener& listener) {
  if (name.size() > limits_.name_bytes) {
    return Error{Errc::too_large, "name of a shared queue too long"};
  }
  const std::lock_guard lock(mutex_);
  std::pair key{std::string(vm_id), std::string(name)};
  auto found = names_.find(key);
  if (found == names_.end()) {
    if (queues_.size() >= limits_.queues) {
      return Error{Errc::exhausted, "too many shared queues"};
    }
    queues_.emplace_back();
    found = names_.emplace(std::move(key), static_cast<Id>(queues_.size())).first;
  }
  std::vector<Listener*>& listeners = queues_[found->second - 1].listeners;
  if (std::find(listeners.begin(), listeners.end(), &listener) == listeners.end()) {
    listeners.push_back(&listener);
  }
  return found->second;
}

void SharedQueues::leave(Listener& listener) {
  const std::lock_guard lock(mutex_);
  for (Queue& queue : queues_) std::erase(queue.listeners, &listener);
}

Result<SharedQueues::Id> SharedQueues::resolve(std::string_view vm_id, std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto found = names_.find(std::pair{std::string(vm_id), std::string(name)});
  if (found == names_.end()) return unknown_queue();
  return found->second;
}

Status SharedQueues::send(Id queue, std::string_view item) {
  if (item.size() > limits_.item_bytes) {
    return Error{Errc::too_large, "item for a shared queue too large"};
  }
  const std::lock_guard lock(mutex_);
  if (queue == 0 || queue > queues_.size()) return unknown_queue();
  Queue& known = queues_[queue - 1];
  if (known.items.size() >= limits_.items || bytes_ + item.size() > limits_.bytes) {
    return Error{Errc::exhausted, "shared queue is full"};
  }
  known.items.emplace_back(item);
  bytes_ += item.size();
  // Under the lock, so that a listener that leaves is not called any more.
  if (!known.listeners.empty()) {
    known.listeners[known.next_listener++ % known.listeners.size()]->queue_ready(queue);
  }
  return ok();
}

Result<std::string> SharedQueues::receive(Id queue) {
  const std::lock_guard lock(mutex_);
  if (queue == 0 || queue > queues_.size()) return unknown_queue();
  Queue& known = queues_[queue - 1];
  if (known.items.empty()) return Error{Errc::unavailable, "the shared queue is empty"};
  std::string item = std::move(known.items.front());
  known.items.pop_front();
  bytes_ -= item.size();
  return item;
}

}  // namespace mynah::wasm
