// SPDX-License-Identifier: Apache-2.0
// Documents: what a partition keeps of each vector beside its place in the graph: the id, the
// fields, the low bytes, the time of its end. One block of memory a document, and a table from ids
// to slots that holds nothing but the slots.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "vector/graph.h"

namespace mynah::vector {

using WallMs = std::int64_t;
inline constexpr WallMs kNeverExpires = 0;

// A document as it lies in memory: good until the document is changed.
struct DocumentView {
  std::string_view id;      // tidy: allow string_view: see above
  std::string_view fields;  // tidy: allow string_view: packed, see above
  std::span<const std::int8_t> low;
  float norm = 0;
  WallMs expires = kNeverExpires;
};

class Documents final {
 public:
  Documents(std::size_t row_bytes, std::uint64_t seed) : row_bytes_(row_bytes), seed_(seed) {}

  // The slot holds nothing, and no other document has that id.
  void put(Slot slot, const DocumentView& document);
  void erase(Slot slot);
  [[nodiscard]] bool has(Slot slot) const {
    return slot < blocks_.size() && blocks_[slot] != nullptr;
  }
  [[nodiscard]] DocumentView at(Slot slot) const;
  [[nodiscard]] std::optional<Slot> find(std::string_view id) const;
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t memory_bytes() const { return memory_bytes_; }

  // Marks a document as used; any thread may, while none changes anything.
  void touch(Slot slot) const;
  // Whether it was used since the last such question.
  bool take_touched(Slot slot);

 private:
  struct Head {
    WallMs expires;
    float norm;
    std::uint32_t fields_size;
    std::uint8_t id_size;
    std::uint8_t touched;
  };
  using Block = std::unique_ptr<std::byte[]>;

  [[nodiscard]] Head& head(Slot slot) const {
    return *reinterpret_cast<Head*>(blocks_[slot].get());
  }
  [[nodiscard]] std::size_t hash(std::string_view id) const;
  // Where in the table the id stands, or would stand.
  [[nodiscard]] std::size_t cell_of(std::string_view id) const;
  void grow_table();

  const std::size_t row_bytes_;
  const std::uint64_t seed_;
  std::vector<Block> blocks_;
  std::vector<Slot> table_;  // open addressing, at most three quarters full
  std::size_t size_ = 0;
  std::size_t memory_bytes_ = 0;
};

}  // namespace mynah::vector
