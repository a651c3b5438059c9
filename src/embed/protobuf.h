// SPDX-License-Identifier: Apache-2.0
// Reading protocol-buffer messages field by field, without a schema:
//
//   for (ProtoFields fields(bytes); auto field = fields.next();) use(field->number, field->bytes);
//   if (!fields.sound()) …
//
//   message = { tag value }
//   tag     = varint: number * 8 + kind
//   value   = varint (kind 0) | 8 bytes (1) | length as varint, bytes (2) | 4 bytes (5)
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace mynah::embed {

using ByteSpan = std::span<const std::byte>;

struct ProtoField {
  std::uint64_t number = 0;
  bool is_bytes = false;
  std::uint64_t value = 0;  // a varint's
  ByteSpan bytes;           // of kinds 1, 2 and 5

  [[nodiscard]] std::string text() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
};

class ProtoFields final {
 public:
  explicit ProtoFields(ByteSpan message) : rest_(message) {}

  // None at the end, and where the message is damaged.
  std::optional<ProtoField> next();
  [[nodiscard]] bool sound() const { return sound_; }
  // Of a packed list of varints, and inside next(). None at the end.
  std::optional<std::uint64_t> varint();

 private:
  std::optional<ProtoField> damaged() {
    sound_ = false;
    return std::nullopt;
  }

  ByteSpan rest_;
  bool sound_ = true;
};

}  // namespace mynah::embed
