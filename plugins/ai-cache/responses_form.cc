// SPDX-License-Identifier: Apache-2.0
// Objects and streams of /v1/responses.
#include <algorithm>
#include <utility>

#include "base/json_writer.h"
#include "base/text.h"
#include "form.h"

using namespace mynah;

namespace responses_form {
namespace {

bool is_plain_part(JsonView part) {
  return part["type"].text() == "output_text" && part["annotations"].size() == 0 &&
         part["logprobs"].size() == 0;
}

bool is_plain_item(JsonView item) {
  const std::string_view type = item["type"].text();
  if (type == "reasoning") return true;
  const std::string_view status = item["status"].text();
  if (!status.empty() && status != "completed") return false;
  if (type == "function_call") return true;
  if (type != "message") return false;
  for (const JsonView part : item["content"].items()) {
    if (!is_plain_part(part)) return false;
  }
  return item["content"].size() > 0;
}

// Writes events with the fields that all have.
class Events final {
 public:
  // `fields` are JSON members, with a comma before each.
  void add(std::string_view type, std::string_view fields) {
    append(stream_, "event: ", type, "\ndata: {\"type\":\"", type,
           "\",\"sequence_number\":", number_++, fields, "}\n\n");
  }
  std::string take() && { return std::move(stream_); }

 private:
  std::string stream_;
  std::int64_t number_ = 0;
};

void add_parts(Events& events, JsonView item, std::string_view place) {
  std::size_t number = 0;
  for (const JsonView part : item["content"].items()) {
    const std::string where = cat(place, ",\"content_index\":", number++);
    const std::string text = json_string(part["text"].text());
    events.add("response.content_part.added",
               cat(where, R"(,"part":{"type":"output_text","text":"","annotations":[]})"));
    events.add("response.output_text.delta", cat(where, R"(,"logprobs":[],"delta":)", text));
    events.add("response.output_text.done", cat(where, R"(,"logprobs":[],"text":)", text));
    events.add("response.content_part.done", cat(where, ",\"part\":", part.raw()));
  }
}

// The item as it stands before its content has come.
std::string begun(JsonView item) {
  const std::string_view type = item["type"].text();
  auto copy = Json::parse(std::string(item.raw()));
  if (!copy || type == "reasoning") return std::string(item.raw());
  Status done = copy->set_text("status", "in_progress");
  if (done && type == "message") done = copy->set_raw("content", "[]");
  if (done && type == "function_call") done = copy->set_text("arguments", "");
  return done ? std::move(*copy).take_text() : std::string(item.raw());
}

void add_item(Events& events, JsonView item, std::size_t number) {
  const std::string output = cat(",\"output_index\":", number);
  const std::string place = cat(output, ",\"item_id\":", json_string(item["id"].text()));
  events.add("response.output_item.added", cat(output, ",\"item\":", begun(item)));
  if (item["type"].text() == "message") add_parts(events, item, place);
  if (item["type"].text() == "function_call") {
    const std::string arguments = json_string(item["arguments"].text());
    events.add("response.function_call_arguments.delta", cat(place, ",\"delta\":", arguments));
    events.add("response.function_call_arguments.done", cat(place, ",\"arguments\":", arguments));
  }
  events.add("response.output_item.done", cat(output, ",\"item\":", item.raw()));
}

}  // namespace

Fitness judge(JsonView whole) {
  Fitness found;
  const JsonView output = whole["output"];
  found.fit = whole["status"].text() == "completed" && output.size() > 0 &&
              (!whole["error"] || whole["error"].is_null());
  for (const JsonView item : output.items()) {
    found.fit = found.fit && is_plain_item(item);
    found.calls_tools |= item["type"].text() == "function_call";
  }
  found.tokens = whole["usage"]["total_tokens"].integer().value_or(0);
  return found;
}

std::string events(const std::string& whole) {
  const auto parsed = Json::parse(whole);
  auto started = Json::parse(whole);
  if (!parsed || !started) return {};
  Status done = started->set_text("status", "in_progress");
  if (done) done = started->set_raw("output", "[]");
  if (done) done = started->set_raw("usage", "null");
  if (!done) return {};
  Events events;
  for (const std::string_view type : {"response.created", "response.in_progress"})
    events.add(type, cat(",\"response\":", started->dump()));
  std::size_t number = 0;
  for (const JsonView item : parsed->root()["output"].items()) add_item(events, item, number++);
  events.add("response.completed", cat(",\"response\":", whole));
  return std::move(events).take();
}

void Collector::add(JsonView event) {
  if (event["type"].text() == "response.completed") whole_ = event["response"].raw();
}

std::optional<std::string> Collector::take() {
  return whole_.empty() ? std::nullopt : std::optional(std::move(whole_));
}

}  // namespace responses_form
