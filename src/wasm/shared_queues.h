// SPDX-License-Identifier: Apache-2.0
// SharedQueues: named queues between the machines of all workers. A queue is known by the VM id of
// who registered it and its name. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace mynah::wasm {

struct SharedQueueLimits {
  std::size_t queues = 1'000;
  std::size_t name_bytes = 1'024;
  std::size_t items = 10'000;  // in one queue
  std::size_t item_bytes = std::size_t{1} << 20;
  std::size_t bytes = std::size_t{64} << 20;  // in all queues together
};

class SharedQueues final {
 public:
  using Id = std::uint32_t;

  // Who is told that something came: on the thread of who sends, and under the queues' lock, so it
  // must not call back into the queues.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void queue_ready(Id queue) = 0;
  };

  explicit SharedQueues(SharedQueueLimits limits = {}) : limits_(limits) {}
  SharedQueues(const SharedQueues&) = delete;
  SharedQueues& operator=(const SharedQueues&) = delete;

  // Makes the queue if need be. Items are announced to one of the queue's listeners, in turn.
  Result<Id> open(std::string_view vm_id, std::string_view name, Listener& listener);
  // Ends all that `listener` listens to; queues and what is in them stay.
  void leave(Listener& listener);
  // Errc::not_found
  Result<Id> resolve(std::string_view vm_id, std::string_view name);
  // Errc::not_found; exhausted or too_large when there is no room.
  Status send(Id queue, std::string_view item);
  // Errc::not_found when there is no such queue, unavailable when it is empty.
  Result<std::string> receive(Id queue);

 private:
  struct Queue {
    std::deque<std::string> items;
    std::vector<Listener*> listeners;
    std::size_t next_listener = 0;
  };

  std::mutex mutex_;
  SharedQueueLimits limits_;
  std::map<std::pair<std::string, std::string>, Id, std::less<>> names_;
  std::vector<Queue> queues_;  // the number of a queue is its place here plus one
  std::size_t bytes_ = 0;
};

}  // namespace mynah::wasm
