// SPDX-License-Identifier: Apache-2.0
// Matching, filling and answering, the same on every stage.
#include "story/scripted.h"

#include <algorithm>
#include <ranges>

#include "base/resp.h"

namespace mynah::story {

void fill(Headers& to, const Fields& from) {
  for (const auto& [name, value] : from) to.add(name, value);
}

Fields fields_of(const Headers& headers) {
  Fields fields;
  for (const auto& field : headers) {
    if (!field.name.starts_with(':')) fields.emplace_back(field.name, field.value);
  }
  return fields;
}

const GivenCall* answer_to(std::span<const GivenCall> given, const Received& call) {
  for (const GivenCall& each : given | std::views::reverse) {
    const bool fits = each.service == call.service &&
                      (each.method.empty() || each.method == call.method) &&
                      (each.path.empty() || each.path == call.path);
    if (fits) return &each;
  }
  return nullptr;
}

void ScriptedStore::apply(const GivenRedis& given) {
  if (given.entry) redis.put(given.entry->first, given.entry->second);
  if (given.conduct) conduct = *given.conduct;
  if (given.after) after = *given.after;
}

Result<std::string> ScriptedStore::answer(std::string_view query, Instant now) {
  std::string replies;
  RespDecoder decoder = RespDecoder::commands();
  decoder.feed(query);
  while (true) {
    MYNAH_LET(const auto command, decoder.next());
    if (!command) return replies;
    std::vector<std::string> words;
    for (const Resp& word : command->items) words.emplace_back(word.text.view());
    encode(redis.perform(words, now), RespVersion::resp2, replies);
  }
}

}  // namespace mynah::story
