// SPDX-License-Identifier: Apache-2.0
// Reading and writing of the pairs layout; what comes from the host is checked like any input.
#include "pairs.h"

#include <cstring>

#include "abi/abi.h"
#include "abi/imports.h"
#include "mynah/bytes.h"

namespace mynah {
inline namespace plugin {
namespace inner {

namespace {

void append_number(std::string& to, std::uint32_t number) {
  char bytes[4];
  std::memcpy(bytes, &number, sizeof bytes);
  to.append(bytes, sizeof bytes);
}

std::uint32_t number_at(std::string_view bytes, std::size_t offset) {
  std::uint32_t number = 0;
  std::memcpy(&number, bytes.data() + offset, sizeof number);
  return number;
}

}  // namespace

void PairsWriter::add(std::string_view name, std::string_view value) {
  sizes_.push_back(static_cast<std::uint32_t>(name.size()));
  sizes_.push_back(static_cast<std::uint32_t>(value.size()));
  text_.append(name).push_back('\0');
  text_.append(value).push_back('\0');
}

std::string PairsWriter::finish() const {
  std::string pairs;
  pairs.reserve(abi::kPairsCountBytes + sizes_.size() * 4 + text_.size());
  append_number(pairs, static_cast<std::uint32_t>(sizes_.size() / 2));
  for (const std::uint32_t size : sizes_) append_number(pairs, size);
  pairs += text_;
  return pairs;
}

Headers read_pairs(std::string_view bytes) {
  Headers read;
  if (bytes.size() < abi::kPairsCountBytes) return read;
  const std::size_t count = number_at(bytes, 0);
  if (count > (bytes.size() - abi::kPairsCountBytes) / abi::kPairsSizeBytes) return read;
  std::size_t text = abi::kPairsCountBytes + count * abi::kPairsSizeBytes;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t sizes = abi::kPairsCountBytes + i * abi::kPairsSizeBytes;
    const std::size_t name = number_at(bytes, sizes);
    const std::size_t value = number_at(bytes, sizes + 4);
    const std::size_t left = bytes.size() - text;
    if (name >= left || value >= left - name - 1) break;
    read.add(bytes.substr(text, name), bytes.substr(text + name + 1, value));
    text += name + value + abi::kPairsTerminators;
  }
  return read;
}

Headers read_map(abi::MapType map) {
  char* data = nullptr;
  std::size_t size = 0;
  if (proxy_get_header_map_pairs(map, &data, &size) != abi::Status::ok) return {};
  return read_pairs(Bytes::adopt(data, size).text());
}

}  // namespace inner
}  // namespace plugin
}  // namespace mynah
