// SPDX-License-Identifier: Apache-2.0
// Objects and streams of /v1/messages.
#include <algorithm>
#include <utility>

#include "base/json_writer.h"
#include "base/text.h"
#include "form.h"

using namespace mynah;

namespace messages_form {
namespace {

constexpr std::size_t kBytesMax = 1024 * 1024;
constexpr std::size_t kBlocksMax = 256;

void add_event(std::string& stream, std::string_view type, std::string_view fields) {
  append(stream, "event: ", type, "\ndata: {\"type\":\"", type, "\"", fields, "}\n\n");
}

bool is_plain(JsonView block) {
  const std::string_view type = block["type"].text();
  return (type == "text" && block["citations"].size() == 0) || type == "thinking" ||
         type == "tool_use";
}

// One piece of a block.
void add_delta_event(std::string& stream, std::size_t number, std::string_view type,
                     std::string_view name, std::string_view text) {
  add_event(stream, "content_block_delta",
            cat(",\"index\":", number, ",\"delta\":{\"type\":\"", type, "\",\"", name,
                "\":", json_string(text), "}"));
}

void add_block(std::string& stream, JsonView block, std::size_t number) {
  const std::string_view type = block["type"].text();
  JsonWriter json;
  json.begin_object().member("type", type);
  if (type == "text") json.member("text", "");
  if (type == "thinking") json.member("thinking", "").member("signature", "");
  if (type == "tool_use") {
    json.member("id", block["id"].text()).member("name", block["name"].text());
    json.key("input").raw("{}");
  }
  add_event(stream, "content_block_start",
            cat(",\"index\":", number, ",\"content_block\":", std::move(json.end_object()).take()));
  if (type == "text") add_delta_event(stream, number, "text_delta", "text", block["text"].text());
  if (type == "thinking") {
    add_delta_event(stream, number, "thinking_delta", "thinking", block["thinking"].text());
    add_delta_event(stream, number, "signature_delta", "signature", block["signature"].text());
  }
  if (type == "tool_use")
    add_delta_event(stream, number, "input_json_delta", "partial_json", block["input"].raw());
  add_event(stream, "content_block_stop", cat(",\"index\":", number));
}

std::string raw_or_null(JsonView value) {
  return value ? std::string(value.raw()) : std::string("null");
}

}  // namespace

Fitness judge(JsonView whole) {
  Fitness found;
  const std::string_view reason = whole["stop_reason"].text();
  const JsonView content = whole["content"];
  found.fit = whole["type"].text() == "message" && content.size() > 0 &&
              (reason == "end_turn" || reason == "stop_sequence" || reason == "tool_use");
  for (const JsonView block : content.items()) {
    found.fit = found.fit && is_plain(block);
    found.calls_tools |= block["type"].text() == "tool_use";
  }
  found.tokens = whole["usage"]["input_tokens"].integer().value_or(0) +
                 whole["usage"]["output_tokens"].integer().value_or(0);
  return found;
}

std::string events(const std::string& whole) {
  const auto parsed = Json::parse(whole);
  auto started = Json::parse(whole);
  if (!parsed || !started) return {};
  Status done = started->set_raw("content", "[]");
  if (done) done = started->set_raw("stop_reason", "null");
  if (done) done = started->set_raw("stop_sequence", "null");
  if (!done) return {};
  const JsonView root = parsed->root();
  std::string stream;
  add_event(stream, "message_start", cat(",\"message\":", started->dump()));
  std::size_t number = 0;
  for (const JsonView block : root["content"].items()) add_block(stream, block, number++);
  add_event(stream, "message_delta",
            cat(",\"delta\":{\"stop_reason\":", raw_or_null(root["stop_reason"]),
                ",\"stop_sequence\":", raw_or_null(root["stop_sequence"]),
                "},\"usage\":", raw_or_null(root["usage"])));
  add_event(stream, "message_stop", "");
  return stream;
}

void Collector::add(JsonView event) {
  const std::string_view type = event["type"].text();
  bytes_ += event.raw().size();
  if (bytes_ > 8 * kBytesMax || blocks_.size() > kBlocksMax) unfit_ = true;
  if (unfit_) return;
  if (type == "message_start") {
    message_ = event["message"].raw();
  } else if (type == "content_block_start") {
    const JsonView block = event["content_block"];
    unfit_ = !is_plain(block) || event["index"].unsigned_integer() != blocks_.size();
    blocks_.push_back({std::string(block["type"].text()), std::string(block["id"].text()),
                       std::string(block["name"].text()),
                       cat(block["text"].text(), block["thinking"].text()), ""});
  } else if (type == "content_block_delta") {
    unfit_ = blocks_.empty() || event["index"].unsigned_integer() != blocks_.size() - 1;
    if (!unfit_) add_delta(event["delta"]);
  } else if (type == "message_delta") {
    ending_ = event.raw();
  } else if (type == "message_stop") {
    done_ = true;
  } else if (type == "error") {
    unfit_ = true;
  }
}

void Collector::add_delta(JsonView delta) {
  Block& block = blocks_.back();
  const std::string_view type = delta["type"].text();
  if (type == "text_delta") {
    block.text += delta["text"].text();
  } else if (type == "thinking_delta") {
    block.text += delta["thinking"].text();
  } else if (type == "signature_delta") {
    block.signature += delta["signature"].text();
  } else if (type == "input_json_delta") {
    block.text += delta["partial_json"].text();
  } else {
    unfit_ = true;  // Sources, or what is not known here.
  }
}

std::optional<std::string> Collector::take() {
  if (!done_ || unfit_ || message_.empty() || ending_.empty()) return std::nullopt;
  JsonWriter content;
  content.begin_array();
  for (const Block& block : blocks_) {
    content.begin_object().member("type", block.type);
    if (block.type == "text") content.member("text", block.text);
    if (block.type == "thinking")
      content.member("thinking", block.text).member("signature", block.signature);
    if (block.type == "tool_use") {
      const std::string input = block.text.empty() ? "{}" : block.text;
      if (!Json::parse(input)) return std::nullopt;
      content.member("id", block.id).member("name", block.name).key("input").raw(input);
    }
    content.end_object();
  }
  auto whole = Json::parse(message_);
  const auto ending = Json::parse(ending_);
  if (!whole || !ending) return std::nullopt;
  const JsonView delta = ending->root()["delta"];
  Status done = whole->set_raw("content", std::move(content.end_array()).take());
  if (done) done = whole->set_raw("stop_reason", raw_or_null(delta["stop_reason"]));
  if (done) done = whole->set_raw("stop_sequence", raw_or_null(delta["stop_sequence"]));
  for (const JsonMember member : ending->root()["usage"].members()) {
    if (done) done = whole->set_raw(cat("usage.", member.name), member.value.raw());
  }
  if (!done || whole->dump().size() > kBytesMax) return std::nullopt;
  return std::move(*whole).take_text();
}

}  // namespace messages_form
