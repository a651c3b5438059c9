// SPDX-License-Identifier: Apache-2.0
// Property: what the reader takes, it takes again after it was written anew from its values, and
// both documents hold the same; what is set is found; no path makes it read beyond a document. The
// first line of the input is a path.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/json.h"
#include "base/json_writer.h"
#include "base/text.h"

namespace mynah {
namespace {

void rewrite(JsonWriter& to, JsonView value) {
  if (value.is_string()) {
    to.value(value.text());
  } else if (value.is_array()) {
    to.begin_array();
    for (const JsonView item : value.items()) rewrite(to, item);
    to.end_array();
  } else if (value.is_object()) {
    to.begin_object();
    for (const auto& [name, content] : value.members()) rewrite(to.key(name), content);
    to.end_object();
  } else {
    to.raw(value.raw());
  }
}

std::string rewritten(const Json& json) {
  JsonWriter writer;
  rewrite(writer, json.root());
  return std::move(writer).take();
}

void numbers_agree(JsonView value) {
  const auto whole = value.integer();
  const auto number = value.number();
  if (whole) MYNAH_CHECK(number && static_cast<double>(*whole) == *number);
  for (const JsonView item : value.items()) numbers_agree(item);
}

void change(const Json& json, std::string_view path) {
  Json changed = json.clone();
  if (changed.set_text(path, "\"set\""))
    MYNAH_CHECK(rewritten(changed).find(R"("\"set\"")") != std::string::npos);
  MYNAH_CHECK(changed.remove(path));
  MYNAH_CHECK(Json::parse(changed.dump()));
}

}  // namespace
}  // namespace mynah

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace mynah;
  const auto [path, text, two] = cut({reinterpret_cast<const char*>(data), size}, "\n");
  const auto json = Json::parse(std::string(two ? text : path));
  if (!json) return 0;
  MYNAH_CHECK(is_utf8(json->dump()));
  const std::string first = rewritten(*json);
  const auto again = Json::parse(first);
  MYNAH_CHECK(again && rewritten(*again) == first);
  numbers_agree(json->root());
  (void)json->find_all(path);
  const std::string found = json->text(path);
  MYNAH_CHECK(is_utf8(found));
  change(*json, path);
  return 0;
}
