// SPDX-License-Identifier: Apache-2.0
// How fast bodies as models take and give them are read, searched, changed and written.
#include <string>

#include <benchmark/benchmark.h>

#include "base/json.h"
#include "base/json_writer.h"

namespace mynah {
namespace {

// A conversation of four messages whose text is `words`, so many times over.
std::string conversation(std::string_view words, int times) {
  std::string content;
  for (int i = 0; i < times; ++i) content += words;
  JsonWriter json;
  json.begin_object().member("model", "qwen-max").member("stream", true).member("temperature", 0.7);
  json.key("messages").begin_array();
  for (int i = 0; i < 4; ++i)
    json.begin_object().member("role", "user").member("content", content).end_object();
  json.end_array().end_object();
  return std::move(json).take();
}

std::string embedding() {
  JsonWriter json;
  json.begin_object().key("embedding").begin_array();
  for (int i = 0; i < 1536; ++i) json.value(0.000123456789 * (i % 2 == 0 ? i : -i));
  json.end_array().end_object();
  return std::move(json).take();
}

void parse(benchmark::State& state, const std::string& text) {
  for (auto _ : state) benchmark::DoNotOptimize(Json::parse(text));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void parse_small(benchmark::State& state) { parse(state, conversation("Hello there. ", 3)); }
void parse_english(benchmark::State& state) {
  parse(state, conversation("Some words, \"quoted\"\n", 250));
}
void parse_chinese(benchmark::State& state) { parse(state, conversation("你好世界，", 270)); }
void parse_numbers(benchmark::State& state) { parse(state, embedding()); }
BENCHMARK(parse_small);
BENCHMARK(parse_english);
BENCHMARK(parse_chinese);
BENCHMARK(parse_numbers);

void find_last_question(benchmark::State& state) {
  const auto json = Json::parse(conversation("Hello there. ", 3));
  for (auto _ : state) benchmark::DoNotOptimize(json->text("messages.@reverse.0.content"));
}
BENCHMARK(find_last_question);

void set_model(benchmark::State& state) {
  auto json = Json::parse(conversation("Hello there. ", 3));
  for (auto _ : state) benchmark::DoNotOptimize(json->set_text("model", "qwen-plus"));
}
BENCHMARK(set_model);

void write_string(benchmark::State& state) {
  const std::string text = conversation("Some words, \"quoted\"\n", 250);
  for (auto _ : state) benchmark::DoNotOptimize(json_string(text));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(write_string);

}  // namespace
}  // namespace mynah
