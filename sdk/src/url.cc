// SPDX-License-Identifier: Apache-2.0
// Queries, part by part, each kept as it was spelt.
#include "mynah/url.h"

#include <algorithm>
#include <iterator>

#include "base/encoding.h"
#include "base/text.h"

namespace mynah {
inline namespace plugin {

namespace {

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

std::string decode_query(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (text[i] == '%' && high >= 0 && low >= 0) {
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      decoded += text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

std::string encode_query(std::string_view text) { return percent_encode(text); }

Target::Target(std::string_view target) {
  const Halves halves = cut(target, "?");
  path_ = halves.before;
  if (!halves.found || halves.after.empty()) return;
  for (const std::string_view part : split(halves.after, '&'))
    parts_.push_back({decode_query(cut(part, "=").before), std::string(part)});
}

std::optional<std::string> Target::query(std::string_view name) const {
  for (const Part& part : parts_) {
    if (part.name == name) return decode_query(cut(part.spelled, "=").after);
  }
  return std::nullopt;
}

void Target::set_query(std::string_view name, std::string_view value) {
  std::string spelled = cat(encode_query(name), "=", encode_query(value));
  auto place = parts_.begin();
  while (place != parts_.end() && place->name != name) ++place;
  if (place == parts_.end()) {
    parts_.push_back({std::string(name), std::move(spelled)});
    return;
  }
  place->spelled = std::move(spelled);
  parts_.erase(std::remove_if(std::next(place), parts_.end(),
                              [&](const Part& part) { return part.name == name; }),
               parts_.end());
}

void Target::remove_query(std::string_view name) {
  std::erase_if(parts_, [&](const Part& part) { return part.name == name; });
}

std::string Target::str() const {
  std::string text = path_;
  char before = '?';
  for (const Part& part : parts_) {
    append(text, before, part.spelled);
    before = '&';
  }
  return text;
}

}  // namespace plugin
}  // namespace mynah
