// SPDX-License-Identifier: Apache-2.0
// What the tests of the store share: stores on a simulated clock, and replies as text.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/store.h"

namespace mynah::store {

// A store in memory whose time stands still until it is moved on.
struct TestStore {
  explicit TestStore(std::size_t memory_bytes = std::size_t{64} << 20);

  // Words between blanks; the reply as RESP2 with its line ends as blanks: "$1 a ".
  std::string run(std::string_view line);
  Resp ask(const std::vector<std::string>& words);

  SimulatedClock clock;
  std::unique_ptr<Store> store;
};

// The reply as one line of text, with nested arrays in brackets and without their order where it
// means nothing.
std::string shown(const Resp& reply);
std::vector<std::string> split_words(std::string_view line);

}  // namespace mynah::store
