// SPDX-License-Identifier: Apache-2.0
// Any text as a filter: it is refused or it decides about every document, the same each time; and
// with its negation it never holds for the same document. The fields are any bytes as well.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.h"
#include "vector/filter.h"

namespace {

using namespace mynah;
using namespace mynah::vector;

std::string some_fields() {
  const auto json = Json::parse(
      R"({"a": 1, "b": -2.5, "name": "zhangsan", "flag": true, "none": null, "long": 9007199254740993})");
  return *pack_fields(json->root());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string fields = some_fields();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // What is no packed fields is told from what is, and reading either stays inside of it.
  const auto value = find_field(text, "name");
  if (value && value->text.size() > size) std::abort();
  if (are_packed_fields(text) && !merge_fields(text, fields)) std::abort();
  const auto [pattern, subject, found] = cut(text, "\n");
  if (found && size < 4096 && matches_like(subject, pattern) && !matches_like(subject, "%"))
    std::abort();
  const auto filter = Filter::parse(text);
  if (!filter) return 0;
  const bool matches = filter->matches(fields);
  if (matches != filter->matches(fields)) std::abort();
  const bool of_any_bytes = filter->matches(text);
  if (of_any_bytes != filter->matches(text)) std::abort();
  const auto negated = Filter::parse(cat("not (", text, ")"));
  if (matches && negated && negated->matches(fields)) std::abort();
  return 0;
}
