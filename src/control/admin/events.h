// SPDX-License-Identifier: Apache-2.0
// Events: tells those who listen at GET /api/v1/events what happens, as server-sent events. Nothing
// is kept for who comes later. One who does not take its events is cut when too many wait for it;
// so telling never waits, and costs little when nobody listens.
//
// It is used on the control thread's loop, and outlives those who listen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aio/loop.h"
#include "base/result.h"
#include "control/admin/api_call.h"
#include "control/admin/message.h"

namespace mynah::control {

class Events final {
 public:
  static constexpr std::size_t kListenersMax = 64;
  static constexpr std::size_t kWaitingBytesMax = 256 * 1024;  // Of one listener.
  static constexpr Duration kSilenceMax = 15s;  // Then a comment shows that the connection lives.

  explicit Events(Loop& loop) : loop_(loop) {}
  Events(Events&&) = delete;

  // `type` is a word, `json` one JSON value. Only those hear it who may make calls of this access.
  void tell(std::string_view type, std::string_view json, Access access = Access::account);

  // What one who asks is to be sent. Errc::exhausted when too many listen.
  Result<std::unique_ptr<ApiStream>> listen(const Principal& who);

 private:
  class Listener;

  Loop& loop_;
  std::vector<Listener*> listeners_;
  std::uint64_t number_ = 0;
};

}  // namespace mynah::control
