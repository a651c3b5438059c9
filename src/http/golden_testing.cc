// SPDX-License-Identifier: Apache-2.0
// Reading the golden cases of heads and bodies.
#include "http/golden_testing.h"

#include <fstream>
#include <string_view>

#include "base/check.h"

namespace mynah::http {
namespace {

// "{ab*3}" becomes "ababab"; a brace that begins no such form stands for itself.
std::string expand(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t close = text.find('}');
    const std::size_t star = text.substr(0, close).rfind('*');
    const bool form = text.front() == '{' && close != std::string_view::npos &&
                      star != std::string_view::npos && star + 1 < close;
    if (!form) {
      out.push_back(text.front());
      text.remove_prefix(1);
      continue;
    }
    const int times = std::stoi(std::string(text.substr(star + 1, close - star - 1)));
    for (int i = 0; i < times; ++i) out.append(text.substr(1, star - 1));
    text.remove_prefix(close + 1);
  }
  return out;
}

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out.push_back(text[i]);
      continue;
    }
    switch (text[++i]) {
      case 'r':
        out.push_back('\r');
        break;
      case 'n':
        out.push_back('\n');
        break;
      case 't':
        out.push_back('\t');
        break;
      case '0':
        out.push_back('\0');
        break;
      case 'x':
        out.push_back(
            static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16)));
        i += 2;
        break;
      default:
        out.push_back(text[i]);
    }
  }
  return out;
}

}  // namespace

std::vector<GoldenCase> read_golden(const std::string& name) {
  std::ifstream file("tests/golden/http1/" + name);
  MYNAH_CHECK(file.good());
  std::vector<GoldenCase> cases;
  std::string text;
  for (int line = 1; std::getline(file, text); ++line) {
    if (text.empty() || text.front() == '#') continue;
    constexpr std::string_view kBar = " | ";
    const std::size_t first = text.find(kBar);
    MYNAH_CHECK(first != std::string::npos);
    const std::size_t second = text.find(kBar, first + 1);
    MYNAH_CHECK(second != std::string::npos);
    const std::string_view all = text;
    cases.push_back({expand(all.substr(0, first)),
                     std::string(all.substr(first + kBar.size(), second - first - kBar.size())),
                     unescape(expand(all.substr(second + kBar.size()))), line});
  }
  return cases;
}

}  // namespace mynah::http
