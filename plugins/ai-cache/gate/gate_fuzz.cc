// SPDX-License-Identifier: Apache-2.0
// Property: any bytes have a canonical form of bounded size, a question is served with its own
// answer, and questions of one canonical text serve each other. The first line of the input is one
// question, the rest another.
#include <cstdint>
#include <string_view>

#include "gate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = input.find('\n');
  const std::string_view first = input.substr(0, end);
  const std::string_view second = end == std::string_view::npos ? "" : input.substr(end + 1);

  const gate::CanonicalForm a = gate::canonical(first);
  const gate::CanonicalForm b = gate::canonical(second);

  if (a.text.size() > 16 * (first.size() + 64) || a.tokens.size() > 2 * gate::kTokensMax)
    __builtin_trap();
  if (!gate::judge(a, gate::canonical(first)).served()) __builtin_trap();
  if ((a.text == b.text) && !gate::judge(a, b).served()) __builtin_trap();
  if (gate::judge(a, b).served() && a.exact != b.exact) __builtin_trap();
  (void)gate::judge(b, a);
  return 0;
}
