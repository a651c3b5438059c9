// SPDX-License-Identifier: Apache-2.0
// Each step checks that the message has the bytes that it takes.
#include "embed/protobuf.h"

namespace mynah::embed {

std::optional<std::uint64_t> ProtoFields::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (rest_.empty()) return std::nullopt;
    const auto byte = static_cast<std::uint64_t>(rest_.front());
    rest_ = rest_.subspan(1);
    value |= (byte & 0x7FU) << shift;
    if ((byte & 0x80U) == 0) return value;
  }
  return std::nullopt;
}

std::optional<ProtoField> ProtoFields::next() {
  if (rest_.empty() || !sound_) return std::nullopt;
  const auto tag = varint();
  if (!tag) return damaged();
  ProtoField field{.number = *tag >> 3U};
  std::optional<std::uint64_t> length;
  switch (*tag & 7U) {
    case 0: {
      const auto value = varint();
      if (!value) return damaged();
      field.value = *value;
      return field;
    }
    case 1:
      length = 8;
      break;
    case 2:
      length = varint();
      break;
    case 5:
      length = 4;
      break;
    default:
      return damaged();
  }
  if (!length || *length > rest_.size()) return damaged();
  field.is_bytes = true;
  field.bytes = rest_.first(*length);
  rest_ = rest_.subspan(*length);
  return field;
}

}  // namespace mynah::embed
