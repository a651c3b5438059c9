// SPDX-License-Identifier: Apache-2.0
// A store for stories: the few Redis commands that plug-ins use most, in memory, with simulated
// time.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/resp.h"
#include "base/time.h"

namespace mynah::story {

class FakeRedis final {
 public:
  Resp perform(const std::vector<std::string>& words, Instant now);
  void put(std::string key, std::string value) {
    entries_[std::move(key)] = {std::move(value), kNever};
  }
  [[nodiscard]] std::optional<std::string> get(std::string_view key, Instant now);

 private:
  struct Entry {
    std::string value;
    Instant expires = kNever;
  };

  Resp set(const std::vector<std::string>& words, Instant now);
  Resp add(const std::string& key, std::int64_t by, Instant now);
  Resp expire(const std::string& key, Instant at, Instant now);
  Entry* find(std::string_view key, Instant now);

  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace mynah::story
