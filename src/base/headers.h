// SPDX-License-Identifier: Apache-2.0
// Headers: the ordered list of a message's header fields, as the codecs, the plug-ins and the
// gateway all see it.
//
// - Names are lower case; adding one makes it so. A name may stand several times; order is kept.
// - The pseudo-fields of HTTP/2 (:method, :scheme, :authority, :path; :status) are ordinary fields
// that come first, for
//   HTTP/1 as well, so that nobody needs to know which protocol a message came by.
// - All text lies in blocks that the object owns. A view that it hands out lives until the object
// is next changed.
// - It does not judge: whether names and values are legal is checked where bytes become headers
// (the codecs) and where
//   plug-ins write them (the Wasm host).
// tidy: allow-file string_view: views into the text of the Headers that holds the field
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/recycled.h"

namespace mynah {

class Headers final {
 public:
  // Views into the text of the Headers that holds the field.
  struct Field {
    std::string_view name;
    std::string_view value;
  };

  Headers() = default;
  Headers(Headers&&) noexcept = default;
  Headers& operator=(Headers&&) noexcept = default;
  Headers(const Headers& other) { *this = other; }
  Headers& operator=(const Headers& other);

  [[nodiscard]] std::size_t size() const { return fields_.size(); }
  [[nodiscard]] bool empty() const { return fields_.empty(); }
  // Bytes of all names and values: what limits are held against.
  [[nodiscard]] std::size_t text_bytes() const { return live_bytes_; }
  [[nodiscard]] auto begin() const { return fields_.begin(); }
  [[nodiscard]] auto end() const { return fields_.end(); }
  [[nodiscard]] const Field& operator[](std::size_t index) const { return fields_[index]; }

  // The first value of the name (in lower case), if there is one.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  [[nodiscard]] std::string_view value_or(std::string_view name, std::string_view fallback) const {
    return find(name).value_or(fallback);
  }
  [[nodiscard]] bool has(std::string_view name) const { return find(name).has_value(); }
  [[nodiscard]] std::size_t count(std::string_view name) const;

  // Appends a field. A pseudo-field goes behind the last pseudo-field, before all others.
  void add(std::string_view name, std::string_view value);
  // Replaces the first field of the name, drops its others; appends when there is none.
  void set(std::string_view name, std::string_view value);
  // Returns how many fields were removed.
  std::size_t remove(std::string_view name);
  void clear();

  // For codecs, which parse text that already lies in the object: room for `bytes` of text that
  // stays where it is until clear(), and a field whose name (lower case) and value are views into
  // such room.
  std::span<char> reserve_text(std::size_t bytes);
  void add_stored(Field field) {
    live_bytes_ += field.name.size() + field.value.size();
    if (fields_.empty()) fields_.reserve(kFirstFields);
    fields_.push_back(field);
  }

 private:
  static constexpr std::size_t kFirstFields = 16;

  struct GiveBack {
    std::size_t size;
    void operator()(char* text) const noexcept;
  };
  struct Block {
    std::unique_ptr<char, GiveBack> text;
    std::size_t used = 0;
    [[nodiscard]] std::size_t size() const { return text.get_deleter().size; }
  };

  std::string_view store(std::string_view text);
  std::string_view store_lower(std::string_view name);
  void forget(const Field& field);
  void compact_when_wasteful();

  std::vector<Field, recycled::Allocator<Field>> fields_;
  std::vector<Block, recycled::Allocator<Block>> blocks_;
  std::size_t live_bytes_ = 0;
  std::size_t dead_bytes_ = 0;  // Text of fields that were replaced or removed.
};

bool operator==(const Headers& a, const Headers& b);

}  // namespace mynah
