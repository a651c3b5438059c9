// SPDX-License-Identifier: Apache-2.0
// Collecting and printing problems.
#include "control/config/problems.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace mynah::control {

namespace {

constexpr std::size_t kQuotedBytesMax = 80;

std::string printable(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(
      out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return out;
}

// Whether a character of UTF-8 has begun before this byte.
bool is_inside_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

}  // namespace

void Problems::add(Mark mark, std::string what) {
  ++found_;
  if (kept_.size() < kKept) kept_.push_back({mark, std::move(what)});
}

Mark Problems::add_source(std::string name) {
  sources_.push_back(std::move(name));
  return {.source = static_cast<int>(sources_.size()) - 1};
}

std::string Problems::text() const {
  std::vector<const Problem*> order;
  for (const Problem& problem : kept_) order.push_back(&problem);
  std::sort(order.begin(), order.end(), [](const Problem* a, const Problem* b) {
    return a->mark != b->mark ? a->mark < b->mark : a < b;
  });
  std::string out;
  for (const Problem* problem : order) {
    if (!out.empty()) out += '\n';
    out += sources_[static_cast<std::size_t>(problem->mark.source)];
    if (problem->mark.line > 0) append(out, ":", problem->mark.line, ":", problem->mark.column);
    append(out, ": ", problem->what);
  }
  if (found_ > kept_.size()) {
    append(out, "\n", sources_.front(), ": and ", found_ - kept_.size(), " more");
  }
  return out;
}

std::string suggestion(std::string_view given, std::span<const std::string_view> known) {
  const std::string_view name = nearest(given, known);
  return name.empty() ? "" : cat("; did you mean ", in_quotes(name), "?");
}

std::string in_quotes(std::string_view text) {
  const bool cut = text.size() > kQuotedBytesMax;
  return cat("\"", printable(utf8_prefix(text, kQuotedBytesMax)), cut ? "…" : "", "\"");
}

std::string path_in_quotes(std::string_view path) {
  const bool cut = path.size() > kQuotedBytesMax;
  std::size_t from = cut ? path.size() - kQuotedBytesMax : 0;
  while (cut && from < path.size() && is_inside_character(path[from])) ++from;
  return cat("\"", cut ? "…" : "", printable(path.substr(from)), "\"");
}

}  // namespace mynah::control
