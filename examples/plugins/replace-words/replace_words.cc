// SPDX-License-Identifier: Apache-2.0
// replace-words: replaces words in the bodies of text responses. The response waits until it is
// whole. What is not text passes.
#include <mynah/plugin.h>

using namespace mynah;

struct Config {
  Named<std::string> words;

  static void describe(Schema<Config>& schema) {
    schema.field("words", &Config::words, "the words, each with what takes its place").required();
  }
};

Task<> serve(const Config& config, Exchange& x) {
  Response& response = co_await x.next();
  if (!response.header_or("content-type", "").starts_with("text/")) co_return;
  const auto body = co_await response.body();
  if (!body) co_return;
  std::string text = body->str();
  for (const auto& [word, instead] : config.words) {
    for (std::size_t at = text.find(word); at != text.npos && !word.empty();
         at = text.find(word, at + instead.size()))
      text.replace(at, word.size(), instead);
  }
  response.set_body(text);
}

MYNAH_PLUGIN(Config, serve,
             {.id = "replace-words",
              .title = "Replace words",
              .about = "Replaces words in the bodies of responses.",
              .version = "1.0.0"});
