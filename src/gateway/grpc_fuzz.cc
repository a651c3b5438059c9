// SPDX-License-Identifier: Apache-2.0
// Messages come out the same however the bytes are cut, and none is over the limit.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "gateway/grpc.h"

namespace {

constexpr std::size_t kMax = 64;

// The messages, and whether the bytes were refused in the end.
std::pair<std::vector<std::string>, bool> messages_of(std::string_view bytes, std::size_t piece) {
  mynah::GrpcMessages messages(kMax);
  std::vector<std::string> found;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    messages.feed(mynah::Slice::copy_of(bytes.substr(at, piece)));
    while (true) {
      const auto next = messages.next();
      if (!next) return {found, true};
      if (!*next) break;
      MYNAH_CHECK((*next)->size() <= kMax);
      found.push_back((*next)->copy());
    }
  }
  MYNAH_CHECK(messages.left() <= kMax + mynah::kGrpcPrefixBytes);
  return {found, false};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = messages_of(bytes, std::max<std::size_t>(size, 1));
  MYNAH_CHECK(messages_of(bytes, 1) == whole);
  MYNAH_CHECK(messages_of(bytes, 7) == whole);
  return 0;
}
