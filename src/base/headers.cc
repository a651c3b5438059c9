// SPDX-License-Identifier: Apache-2.0
// Header fields over blocks of text. Text is never overwritten in place: a replaced value leaves
// its old text behind, and when more is dead than alive everything is copied once, so that endless
// edits by a plug-in stay bounded.
#include "base/headers.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace mynah {
namespace {

constexpr std::size_t kFirstBlock = 1024;
constexpr std::size_t kDeadBytesMin = 16 * 1024;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool is_pseudo(std::string_view name) { return !name.empty() && name.front() == ':'; }

}  // namespace

void Headers::GiveBack::operator()(char* text) const noexcept { recycled::give_back(text, size); }

Headers& Headers::operator=(const Headers& other) {
  if (this == &other) return *this;
  clear();
  fields_.reserve(other.fields_.size());
  const std::span<char> room = reserve_text(other.live_bytes_);
  std::size_t at = 0;
  const auto copy = [&](std::string_view text) {
    if (!text.empty()) std::memcpy(room.data() + at, text.data(), text.size());
    const std::string_view stored(room.data() + at, text.size());
    at += text.size();
    return stored;
  };
  for (const Field& field : other.fields_) {
    const std::string_view name = copy(field.name);
    add_stored({name, copy(field.value)});
  }
  return *this;
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const Field& field : fields_) {
    if (field.name == name) return field.value;
  }
  return std::nullopt;
}

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(
      fields_.begin(), fields_.end(), [&](const Field& field) { return field.name == name; }));
}

void Headers::add(std::string_view name, std::string_view value) {
  const std::string_view stored_name = store_lower(name);
  const Field field{stored_name, store(value)};
  if (fields_.empty()) fields_.reserve(kFirstFields);
  auto place = fields_.end();
  if (is_pseudo(field.name)) {
    place = std::find_if_not(fields_.begin(), fields_.end(),
                             [](const Field& f) { return is_pseudo(f.name); });
  }
  fields_.insert(place, field);
  live_bytes_ += field.name.size() + field.value.size();
  // Only now: the value given may be a view of our own text.
  compact_when_wasteful();
}

void Headers::set(std::string_view name, std::string_view value) {
  const auto same = [&](const Field& field) {
    return std::equal(field.name.begin(), field.name.end(), name.begin(), name.end(),
                      [](char ours, char given) { return ours == lower(given); });
  };
  const auto first = std::find_if(fields_.begin(), fields_.end(), same);
  if (first == fields_.end()) return add(name, value);
  const std::size_t old_size = first->value.size();
  first->value = store(value);
  dead_bytes_ += old_size;
  live_bytes_ = live_bytes_ - old_size + value.size();
  const auto rest = std::remove_if(first + 1, fields_.end(), [&](const Field& field) {
    if (!same(field)) return false;
    forget(field);
    return true;
  });
  fields_.erase(rest, fields_.end());
  compact_when_wasteful();
}

std::size_t Headers::remove(std::string_view name) {
  return std::erase_if(fields_, [&](const Field& field) {
    if (field.name != name) return false;
    forget(field);
    return true;
  });
}

void Headers::clear() {
  fields_.clear();
  live_bytes_ = 0;
  dead_bytes_ = 0;
  if (blocks_.empty()) return;
  blocks_.resize(1);
  blocks_.front().used = 0;
}

std::span<char> Headers::reserve_text(std::size_t bytes) {
  if (blocks_.empty() || blocks_.back().size() - blocks_.back().used < bytes) {
    const std::size_t size = std::max(bytes, kFirstBlock);
    blocks_.push_back({{static_cast<char*>(recycled::take(size)), GiveBack{size}}, 0});
  }
  Block& block = blocks_.back();
  const std::span<char> room(block.text.get() + block.used, bytes);
  block.used += bytes;
  return room;
}

std::string_view Headers::store(std::string_view text) {
  const std::span<char> room = reserve_text(text.size());
  if (!text.empty()) std::memcpy(room.data(), text.data(), text.size());
  return {room.data(), room.size()};
}

std::string_view Headers::store_lower(std::string_view name) {
  const std::span<char> room = reserve_text(name.size());
  std::transform(name.begin(), name.end(), room.begin(), lower);
  return {room.data(), room.size()};
}

void Headers::forget(const Field& field) {
  live_bytes_ -= field.name.size() + field.value.size();
  dead_bytes_ += field.name.size() + field.value.size();
}

void Headers::compact_when_wasteful() {
  if (dead_bytes_ < kDeadBytesMin || dead_bytes_ < live_bytes_) return;
  Headers compact(*this);
  *this = std::move(compact);
}

bool operator==(const Headers& a, const Headers& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Headers::Field& x, const Headers::Field& y) {
                      return x.name == y.name && x.value == y.value;
                    });
}

}  // namespace mynah
