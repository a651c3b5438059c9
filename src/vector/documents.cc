// SPDX-License-Identifier: Apache-2.0
// Blocks and the table of ids.
#include "vector/documents.h"

#include <atomic>
#include <cstring>

#include "base/check.h"

namespace mynah::vector {
namespace {

constexpr std::size_t kAllocatorBytes = 16;
constexpr std::size_t kTableMin = 16;

}  // namespace

// FNV-1a with a start that nobody outside knows, and a mix of the upper bits into the lower ones.
std::size_t Documents::hash(std::string_view id) const {
  std::uint64_t h = seed_ ^ 0xcbf29ce484222325ULL;
  for (const char c : id) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  h = (h ^ (h >> 32U)) * 0x9E3779B97F4A7C15ULL;
  return static_cast<std::size_t>(h ^ (h >> 29U));
}

std::size_t Documents::cell_of(std::string_view id) const {
  const std::size_t mask = table_.size() - 1;
  std::size_t cell = hash(id) & mask;
  while (table_[cell] != kNoSlot && at(table_[cell]).id != id) cell = (cell + 1) & mask;
  return cell;
}

void Documents::grow_table() {
  std::vector<Slot> old(std::max(kTableMin, table_.size() * 2), kNoSlot);
  old.swap(table_);
  for (const Slot slot : old) {
    if (slot != kNoSlot) table_[cell_of(at(slot).id)] = slot;
  }
}

void Documents::put(Slot slot, const DocumentView& document) {
  MYNAH_CHECK(document.id.size() <= 255 && document.low.size() == row_bytes_);
  if (slot >= blocks_.size()) blocks_.resize(std::size_t{slot} + 1);
  MYNAH_CHECK(blocks_[slot] == nullptr);
  if ((size_ + 1) * 4 > table_.size() * 3) grow_table();
  const std::size_t bytes = sizeof(Head) + row_bytes_ + document.id.size() + document.fields.size();
  blocks_[slot] = std::make_unique<std::byte[]>(bytes);
  memory_bytes_ += bytes + kAllocatorBytes;
  head(slot) = {.expires = document.expires,
                .norm = document.norm,
                .fields_size = static_cast<std::uint32_t>(document.fields.size()),
                .id_size = static_cast<std::uint8_t>(document.id.size()),
                .touched = 0};
  std::byte* to = blocks_[slot].get() + sizeof(Head);
  std::memcpy(to, document.low.data(), row_bytes_);
  to += row_bytes_;
  std::memcpy(to, document.id.data(), document.id.size());
  to += document.id.size();
  if (!document.fields.empty()) std::memcpy(to, document.fields.data(), document.fields.size());
  table_[cell_of(document.id)] = slot;
  ++size_;
}

void Documents::erase(Slot slot) {
  MYNAH_CHECK(has(slot));
  const std::size_t mask = table_.size() - 1;
  std::size_t hole = cell_of(at(slot).id);
  // What follows without a gap moves up when its own place lies before the hole.
  for (std::size_t cell = (hole + 1) & mask; table_[cell] != kNoSlot; cell = (cell + 1) & mask) {
    const std::size_t home = hash(at(table_[cell]).id) & mask;
    if (((cell - home) & mask) < ((cell - hole) & mask)) continue;
    table_[hole] = table_[cell];
    hole = cell;
  }
  table_[hole] = kNoSlot;
  memory_bytes_ -=
      sizeof(Head) + row_bytes_ + head(slot).id_size + head(slot).fields_size + kAllocatorBytes;
  blocks_[slot].reset();
  --size_;
}

DocumentView Documents::at(Slot slot) const {
  const Head& own = head(slot);
  const std::byte* from = blocks_[slot].get() + sizeof(Head);
  const auto* text = reinterpret_cast<const char*>(from + row_bytes_);
  return {.id = {text, own.id_size},
          .fields = {text + own.id_size, own.fields_size},
          .low = {reinterpret_cast<const std::int8_t*>(from), row_bytes_},
          .norm = own.norm,
          .expires = own.expires};
}

std::optional<Slot> Documents::find(std::string_view id) const {
  if (table_.empty()) return std::nullopt;
  const Slot slot = table_[cell_of(id)];
  return slot == kNoSlot ? std::nullopt : std::optional(slot);
}

void Documents::touch(Slot slot) const {
  std::atomic_ref(head(slot).touched).store(1, std::memory_order_relaxed);
}

bool Documents::take_touched(Slot slot) {
  return std::exchange(head(slot).touched, std::uint8_t{0}) != 0;
}

}  // namespace mynah::vector
