// SPDX-License-Identifier: Apache-2.0
// Writing and reading pairs.
#include "wasm/pairs.h"

#include <cstdint>
#include <cstring>

#include "abi/abi.h"

namespace mynah::wasm {
namespace {

void put(std::uint32_t number, char*& to) {
  std::memcpy(to, &number, sizeof number);
  to += sizeof number;
}
void put(std::string_view text, char*& to) {
  if (!text.empty()) std::memcpy(to, text.data(), text.size());
  to += text.size();
  *to++ = '\0';
}
std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

Error malformed() { return {Errc::invalid_argument, "malformed list of pairs"}; }

}  // namespace

std::size_t pairs_size(const Headers& headers) {
  return abi::kPairsCountBytes + headers.size() * (abi::kPairsSizeBytes + abi::kPairsTerminators) +
         headers.text_bytes();
}

void write_pairs(const Headers& headers, char* to) {
  put(static_cast<std::uint32_t>(headers.size()), to);
  for (const Headers::Field& field : headers) {
    put(static_cast<std::uint32_t>(field.name.size()), to);
    put(static_cast<std::uint32_t>(field.value.size()), to);
  }
  for (const Headers::Field& field : headers) {
    put(field.name, to);
    put(field.value, to);
  }
}

Status read_pairs(std::string_view pairs, std::size_t fields_max, std::size_t bytes_max,
                  Headers& to) {
  if (pairs.empty()) return ok();
  if (pairs.size() < abi::kPairsCountBytes) return malformed();
  const std::uint64_t count = number_at(pairs, 0);
  const std::uint64_t sizes_end = abi::kPairsCountBytes + count * abi::kPairsSizeBytes;
  if (sizes_end > pairs.size()) return malformed();
  if (count > fields_max) return Error{Errc::too_large, "too many pairs"};

  std::uint64_t at = sizes_end;
  std::uint64_t text = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::size_t sizes = abi::kPairsCountBytes + i * abi::kPairsSizeBytes;
    const std::uint64_t name_size = number_at(pairs, sizes);
    const std::uint64_t value_size = number_at(pairs, sizes + 4);
    const std::uint64_t value_at = at + name_size + 1;
    const std::uint64_t end = value_at + value_size + 1;
    if (end > pairs.size()) return malformed();
    text += name_size + value_size;
    if (text > bytes_max) return Error{Errc::too_large, "too much text in pairs"};
    to.add(pairs.substr(at, name_size), pairs.substr(value_at, value_size));
    at = end;
  }
  return ok();
}

}  // namespace mynah::wasm
