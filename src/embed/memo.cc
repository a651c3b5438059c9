// SPDX-License-Identifier: Apache-2.0
// A list in the order of use, and an index of it.
#include "embed/memo.h"

#include <utility>

namespace mynah::embed {
namespace {

constexpr std::size_t kEntryBytes = 200;  // of list, index and vector, about

}  // namespace

std::optional<Embedding> Memo::find(std::string_view model, std::string_view text) {
  if (text.size() > kTextBytesMax) return std::nullopt;
  const std::string key = key_of(model, text);
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(key);
  if (found == places_.end()) return std::nullopt;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->embedding;
}

void Memo::keep(std::string_view model, std::string_view text, const Embedding& embedding) {
  if (text.size() > kTextBytesMax) return;
  Entry entry{key_of(model, text), embedding};
  const std::size_t bytes = bytes_of(entry);
  if (bytes > bytes_max_) return;
  const std::lock_guard lock(mutex_);
  if (places_.contains(entry.key)) return;  // somebody was faster
  while (bytes_ + bytes > bytes_max_) forget_oldest();
  bytes_ += bytes;
  std::string key = entry.key;
  entries_.push_front(std::move(entry));
  places_.emplace(std::move(key), entries_.begin());
}

std::string Memo::key_of(std::string_view model, std::string_view text) {
  std::string key;
  key.reserve(model.size() + 1 + text.size());
  return key.append(model).append(1, '\0').append(text);
}

std::size_t Memo::bytes_of(const Entry& entry) {
  return kEntryBytes + 2 * entry.key.size() + entry.embedding.model.size() +
         entry.embedding.vector->size() * sizeof(float);
}

void Memo::forget_oldest() {
  bytes_ -= bytes_of(entries_.back());
  places_.erase(entries_.back().key);
  entries_.pop_back();
}

}  // namespace mynah::embed
