// SPDX-License-Identifier: Apache-2.0
// Stores and replies for tests.
#include "store/store_testing.h"

#include "base/text.h"

namespace mynah::store {

TestStore::TestStore(std::size_t memory_bytes) {
  auto opened =
      Store::open({.memory_bytes = memory_bytes, .background = Background::by_hand}, clock);
  MYNAH_CHECK(opened.ok());
  store = *std::move(opened);
}

std::vector<std::string> split_words(std::string_view line) {
  std::vector<std::string> words;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    if (end > 0) words.emplace_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

Resp TestStore::ask(const std::vector<std::string>& texts) {
  const std::vector<std::string_view> words(texts.begin(), texts.end());
  return store->execute(words);
}

std::string TestStore::run(std::string_view line) { return shown(ask(split_words(line))); }

std::string shown(const Resp& reply) {
  switch (reply.kind) {
    case Resp::Kind::null:
      return "nil";
    case Resp::Kind::null_array:
      return "nil-array";
    case Resp::Kind::status:
      return cat("+", reply.text.view());
    case Resp::Kind::error:
      return cat("-", reply.text.view());
    case Resp::Kind::integer:
    case Resp::Kind::boolean:
      return cat(reply.integer);
    case Resp::Kind::real:
      return cat("'", real_text(reply.real), "'");
    case Resp::Kind::bulk:
    case Resp::Kind::big_number:
    case Resp::Kind::verbatim:
      return cat("'", reply.text.view(), "'");
    case Resp::Kind::array:
    case Resp::Kind::map:
    case Resp::Kind::set:
    case Resp::Kind::pairs:
    case Resp::Kind::push:
      break;
  }
  std::string text = "[";
  for (const Resp& item : reply.items) append(text, text.size() > 1 ? " " : "", shown(item));
  return text + "]";
}

}  // namespace mynah::store
