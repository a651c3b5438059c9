// SPDX-License-Identifier: Apache-2.0
// What was embedded last, within a number of bytes: a question that is asked again, or looked for
// and then stored, costs a look-up. Thread-safe; the lock is held for a look-up's time.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mynah::embed {

// One text's vector, of length 1, and what it was made by.
struct Embedding {
  std::shared_ptr<const std::vector<float>> vector;
  std::string model;
  std::size_t tokens = 0;  // of the text, special ones not counted
  bool truncated = false;  // the text had more than the model takes
};

class Memo final {
 public:
  explicit Memo(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  std::optional<Embedding> find(std::string_view model, std::string_view text);
  // Forgets those that were not asked for the longest, to make room.
  void keep(std::string_view model, std::string_view text, const Embedding& embedding);

  // Longer texts are hardly asked twice.
  static constexpr std::size_t kTextBytesMax = 4096;

 private:
  struct Entry {
    std::string key;
    Embedding embedding;
  };
  using Entries = std::list<Entry>;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>()(key);
    }
  };

  static std::string key_of(std::string_view model, std::string_view text);
  static std::size_t bytes_of(const Entry& entry);
  void forget_oldest();

  const std::size_t bytes_max_;
  std::mutex mutex_;
  std::size_t bytes_ = 0;  // this and what follows guarded by mutex_
  Entries entries_;        // the last asked for first
  std::unordered_map<std::string, Entries::iterator, Hash, std::equal_to<>> places_;
};

}  // namespace mynah::embed
