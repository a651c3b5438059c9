// SPDX-License-Identifier: Apache-2.0
// An entry as the commands that make it, for snapshots and for changes that are easier repeated
// whole.
#include <array>
#include <vector>

#include "base/resp.h"
#include "base/text.h"
#include "store/access.h"
#include "store/effects.h"

namespace mynah::store {
namespace {

// Items in one command, so that replaying a large collection takes no command of its size.
constexpr std::size_t kItemsPerCommand = 128;

// Collects words for a command on a key and writes it out when it holds enough items.
class Gathered final {
 public:
  Gathered(std::string_view command, std::string_view key, std::string& effects)
      : effects_(effects), words_{command, key} {}

  void add(std::string_view word) { words_.push_back(word); }
  void end_item() {
    if (++items_ == kItemsPerCommand) flush();
  }
  void flush() {
    if (items_ > 0) append_command_effect(words_, effects_);
    words_.resize(2);
    items_ = 0;
  }

 private:
  std::string& effects_;
  // tidy: allow string_view: words of an entry that is locked meanwhile
  std::vector<std::string_view> words_;
  std::size_t items_ = 0;
};

void append_list(std::string_view key, const List& list, std::string& effects) {
  Gathered gathered("RPUSH", key, effects);
  for (std::size_t i = 0; i < list.size(); ++i) {
    gathered.add(list.at(i).view());
    gathered.end_item();
  }
  gathered.flush();
}

void append_set(std::string_view key, const Set& set, std::string& effects) {
  Gathered gathered("SADD", key, effects);
  for (std::size_t i = 0; i < set.size(); ++i) {
    gathered.add(set.at(i).key());
    gathered.end_item();
  }
  gathered.flush();
}

void append_hash(std::string_view key, const Hash& hash, std::string& effects) {
  Gathered gathered("HSET", key, effects);
  for (std::size_t i = 0; i < hash.fields().size(); ++i) {
    gathered.add(hash.fields().at(i).key());
    gathered.add(hash.fields().at(i).value.view());
    gathered.end_item();
  }
  gathered.flush();
}

void append_sorted_set(std::string_view key, const SortedSet& set, std::string& effects) {
  std::array<std::string, kItemsPerCommand> scores;
  Gathered gathered("ZADD", key, effects);
  for (std::size_t i = 0; i < set.members().size(); ++i) {
    const ScoredNode& node = set.members().at(i);
    std::string& score = scores[i % kItemsPerCommand];
    score = real_text(node.score);
    gathered.add(score);
    gathered.add(node.key());
    gathered.end_item();
  }
  gathered.flush();
}

}  // namespace

void append_whole(const Entry& entry, std::string& effects) {
  const std::string_view key = entry.key();
  const std::string expire_at = cat(entry.expire_at);
  if (const auto* text = std::get_if<SharedBytes>(&entry.value)) {
    const std::array<std::string_view, 5> words{"SET", key, text->view(), "PXAT", expire_at};
    return append_command_effect(std::span(words).first(entry.expire_at == 0 ? 3 : 5), effects);
  }
  if (const auto* list = std::get_if<Box<List>>(&entry.value)) append_list(key, **list, effects);
  if (const auto* set = std::get_if<Box<Set>>(&entry.value)) append_set(key, **set, effects);
  if (const auto* hash = std::get_if<Box<Hash>>(&entry.value)) append_hash(key, **hash, effects);
  if (const auto* set = std::get_if<Box<SortedSet>>(&entry.value))
    append_sorted_set(key, **set, effects);
  if (entry.expire_at != 0) {
    append_command_effect(std::array<std::string_view, 3>{"PEXPIREAT", key, expire_at}, effects);
  }
}

}  // namespace mynah::store
