// SPDX-License-Identifier: Apache-2.0
// Answers into records, responses and streams, and back.
#include "answer.h"

#include <algorithm>
#include <utility>

#include "base/json_writer.h"
#include "base/text.h"

using mynah::Json;
using mynah::JsonView;
using mynah::JsonWriter;

namespace {

// Longer answers are not kept.
constexpr std::size_t kTextBytesMax = 1024 * 1024;
constexpr std::size_t kToolCallsMax = 128;

bool is_empty(JsonView value) {
  return !value || value.is_null() ||
         (value.is_string() ? value.text().empty() : value.size() == 0);
}

// Whether there is nothing in it but what an answer may hold.
bool is_plain(JsonView choice, JsonView message) {
  return choice["index"].integer().value_or(0) == 0 && is_empty(choice["logprobs"]) &&
         is_empty(message["function_call"]) && is_empty(message["audio"]) &&
         is_empty(message["refusal"]) && is_empty(message["annotations"]);
}

// The call that a piece belongs to: that of its number or, with providers that give none, the one
// of its id; a new one when there is none yet.
ToolCall* call_of(std::vector<ToolCall>& calls, JsonView piece) {
  const auto number = piece["index"].unsigned_integer();
  const std::string_view id = piece["id"].text();
  const bool another = !id.empty() && (calls.empty() || calls.back().id != id);
  const std::uint64_t place = number ? *number : calls.size() - (another || calls.empty() ? 0 : 1);
  if (place > calls.size() || place >= kToolCallsMax) return nullptr;
  if (place == calls.size()) calls.emplace_back();
  return &calls[static_cast<std::size_t>(place)];
}

bool is_whole(const ToolCall& call) {
  return !call.id.empty() && !call.name.empty() &&
         (call.arguments.empty() || Json::parse(call.arguments).ok());
}

void begin_chunk(JsonWriter& json, const Answer& answer, std::string_view object) {
  json.begin_object()
      .member("id", answer.id.empty() ? "chatcmpl-cached" : answer.id)
      .member("object", object)
      .member("created", answer.created)
      .member("model", answer.model);
}

void append_event(std::string& to, JsonWriter&& json) {
  to += "data: ";
  to += std::move(json).take();
  to += "\n\n";
}

// One event: what it adds to the message, as JSON members, and why the model stopped.
std::string delta_event(const Answer& answer, std::string_view delta, std::string_view finish,
                        bool with_usage) {
  JsonWriter json;
  begin_chunk(json, answer, "chat.completion.chunk");
  json.key("choices").begin_array().begin_object().member("index", 0);
  json.key("delta").raw(delta).key("finish_reason");
  finish.empty() ? json.null() : json.value(finish);
  json.end_object().end_array();
  // Who wants to know the usage finds the field in all events.
  if (with_usage) json.key("usage").null();
  std::string event;
  append_event(event, std::move(json.end_object()));
  return event;
}

void write_call(JsonWriter& json, const ToolCall& call) {
  json.member("id", call.id).member("type", "function").key("function").begin_object();
  json.member("name", call.name).member("arguments", call.arguments).end_object();
}

// An answer in a form that is kept as its provider gives it.
std::optional<Answer> from_whole(Form form, std::string whole) {
  const auto parsed = Json::parse(whole);
  if (!parsed || whole.size() > kTextBytesMax) return std::nullopt;
  const JsonView root = parsed->root();
  const Fitness found =
      form == Form::responses ? responses_form::judge(root) : messages_form::judge(root);
  if (!found.fit) return std::nullopt;
  Answer answer;
  answer.form = form;
  answer.whole = std::move(whole);
  answer.whole_calls_tools = found.calls_tools;
  answer.tokens = found.tokens;
  return answer;
}

constexpr std::string_view kHole = "%s";

bool is_template(std::string_view form) {
  const std::size_t at = form.find(kHole);
  return form.empty() || (at != std::string_view::npos && at == form.rfind(kHole));
}

}  // namespace

mynah::Status AnswerTemplates::check() const {
  if (is_template(whole) && is_template(stream)) return mynah::ok();
  return mynah::Error{mynah::Errc::invalid_argument,
                      "responseTemplate and streamResponseTemplate hold %s once each"};
}

std::string Answer::filled(std::string_view shape) const {
  const std::string quoted = mynah::json_string(text);
  const mynah::Halves halves = mynah::cut(shape, kHole);
  return mynah::cat(halves.before, quoted.substr(1, quoted.size() - 2), halves.after);
}

bool Answer::hear(JsonView message) {
  for (const std::string_view name : {"reasoning_content", "reasoning"}) {
    const std::string_view said = message[name].text();
    if (said.empty()) continue;
    reasoning += said;
    reasoning_name = name;
    break;
  }
  std::size_t bytes = text.size() + reasoning.size();
  for (const JsonView piece : message["tool_calls"].items()) {
    ToolCall* call = call_of(tools, piece);
    const JsonView function = piece["function"];
    if (call == nullptr || !function.is_object()) return false;
    if (call->id.empty()) call->id = piece["id"].text();
    if (call->name.empty()) call->name = function["name"].text();
    call->arguments += function["arguments"].text();
    bytes += call->arguments.size();
  }
  return bytes <= kTextBytesMax;
}

void Answer::hear_usage(JsonView said) {
  if (!said.is_object()) return;
  usage = said.raw();
  tokens = said["total_tokens"].integer().value_or(0);
}

bool Answer::finish_with(std::string_view reason) {
  finish = reason;
  // Who was made to call a tool stops without saying why.
  const bool proper = reason == "stop" || (reason == "tool_calls" && !tools.empty());
  return proper && !(text.empty() && tools.empty()) && std::ranges::all_of(tools, is_whole);
}

std::optional<Answer> Answer::from_completion(Form form, std::string_view json,
                                              const AnswerPaths& paths) {
  if (form != Form::chat) return from_whole(form, std::string(json));
  const auto parsed = Json::parse(std::string(json));
  if (!parsed) return std::nullopt;
  const JsonView root = parsed->root();
  const JsonView choices = root["choices"];
  const JsonView choice = choices.at(0);
  Answer answer;
  answer.id = root["id"].text();
  answer.model = root["model"].text();
  answer.text = root.text(paths.whole);
  answer.hear_usage(root["usage"]);
  const bool fit = choices.size() == 1 && is_plain(choice, choice["message"]) &&
                   answer.hear(choice["message"]) &&
                   answer.finish_with(choice["finish_reason"].text());
  return fit ? std::optional(std::move(answer)) : std::nullopt;
}

void AnswerCollector::add(std::string_view data) {
  if (data == "[DONE]") {
    done_ = true;
    return;
  }
  const auto parsed = Json::parse(std::string(data));
  if (!parsed) {
    unfit_ = true;
    return;
  }
  switch (answer_.form) {
    case Form::chat:
      return add_chunk(parsed->root());
    case Form::responses:
      return responses_.add(parsed->root());
    case Form::messages:
      return messages_.add(parsed->root());
  }
}

void AnswerCollector::add_chunk(JsonView root) {
  if (root["error"]) unfit_ = true;
  if (answer_.id.empty()) answer_.id = root["id"].text();
  if (answer_.model.empty()) answer_.model = root["model"].text();
  answer_.hear_usage(root["usage"]);
  const JsonView choices = root["choices"];
  if (choices.size() == 0) return;
  const JsonView choice = choices.at(0);
  unfit_ |= !paths_.tools.empty() && root.find(paths_.tools);
  answer_.text += root.text(paths_.piece);
  unfit_ |= choices.size() > 1 || !is_plain(choice, choice["delta"]);
  unfit_ |= !answer_.hear(choice["delta"]);
  if (const std::string_view finish = choice["finish_reason"].text(); !finish.empty())
    finish_ = finish;
}

std::optional<Answer> AnswerCollector::take() {
  if (answer_.form != Form::chat) {
    auto whole = answer_.form == Form::responses ? responses_.take() : messages_.take();
    return whole && !unfit_ ? from_whole(answer_.form, *std::move(whole)) : std::nullopt;
  }
  if (!done_ || unfit_ || !answer_.finish_with(finish_)) return std::nullopt;
  return std::move(answer_);
}

std::string Answer::record() const {
  JsonWriter json;
  json.begin_object()
      .member("v", 1)
      .member("created", created)
      .member("id", id)
      .member("model", model);
  if (life > 0) json.member("life", life);
  if (!question.empty()) json.member("question", question);
  if (form != Form::chat) {
    json.member("form", name_of(form)).key("whole").raw(whole);
    return std::move(json.end_object()).take();
  }
  json.member("text", text);
  if (!reasoning.empty())
    json.member("reasoning", reasoning).member("reasoning_in", reasoning_name);
  if (!tools.empty()) {
    json.member("finish", finish).key("tools").begin_array();
    for (const ToolCall& call : tools) json.value(call.id).value(call.name).value(call.arguments);
    json.end_array();
  }
  if (!usage.empty()) json.key("usage").raw(usage);
  return std::move(json.end_object()).take();
}

std::optional<Answer> Answer::from_record(std::string_view record) {
  const auto parsed = Json::parse(std::string(record));
  if (!parsed || parsed->root()["v"].integer() != 1) return std::nullopt;
  const JsonView root = parsed->root();
  Answer answer;
  if (const std::string_view form = root["form"].text(); !form.empty()) {
    auto whole = from_whole(form_of(form), std::string(root["whole"].raw()));
    if (!whole) return std::nullopt;
    answer = *std::move(whole);
  }
  answer.created = root["created"].integer().value_or(0);
  answer.life = root["life"].integer().value_or(0);
  answer.question = root["question"].text();
  if (answer.form != Form::chat) return answer;
  answer.id = root["id"].text();
  answer.model = root["model"].text();
  answer.text = root["text"].text();
  answer.reasoning = root["reasoning"].text();
  if (const std::string_view name = root["reasoning_in"].text(); !name.empty())
    answer.reasoning_name = name;
  const JsonView tools = root["tools"];
  for (std::size_t at = 0; at + 2 < tools.size(); at += 3) {
    answer.tools.push_back({std::string(tools.at(at).text()), std::string(tools.at(at + 1).text()),
                            std::string(tools.at(at + 2).text())});
  }
  answer.hear_usage(root["usage"]);
  const std::string_view finish = root["finish"].text();
  if (!answer.finish_with(finish.empty() ? "stop" : finish)) return std::nullopt;
  return answer;
}

std::string Answer::completion() const {
  if (form != Form::chat) return whole;
  JsonWriter json;
  begin_chunk(json, *this, "chat.completion");
  json.key("choices").begin_array().begin_object().member("index", 0);
  json.key("message").begin_object().member("role", "assistant").key("content");
  text.empty() ? json.null() : json.value(text);
  json.key("refusal").null();
  if (!reasoning.empty()) json.member(reasoning_name, reasoning);
  if (!tools.empty()) {
    json.key("tool_calls").begin_array();
    for (const ToolCall& call : tools) {
      write_call(json.begin_object(), call);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object().key("logprobs").null().member("finish_reason", finish);
  json.end_object().end_array();
  if (!usage.empty()) json.key("usage").raw(usage);
  return std::move(json.end_object()).take();
}

std::string Answer::events(bool with_usage) const {
  if (form == Form::responses) return responses_form::events(whole);
  if (form == Form::messages) return messages_form::events(whole);
  std::vector<std::string> deltas;
  const auto add = [&](auto write) {
    JsonWriter json;
    json.begin_object();
    if (deltas.empty()) json.member("role", "assistant");
    write(json);
    deltas.push_back(std::move(json.end_object()).take());
  };
  if (!reasoning.empty()) add([&](JsonWriter& json) { json.member(reasoning_name, reasoning); });
  if (!text.empty()) add([&](JsonWriter& json) { json.member("content", text); });
  for (std::size_t i = 0; i < tools.size(); ++i) {
    add([&](JsonWriter& json) {
      if (i == 0 && text.empty()) json.key("content").null();
      json.key("tool_calls").begin_array().begin_object().member("index", i);
      write_call(json, tools[i]);
      json.end_object().end_array();
    });
  }
  std::string stream;
  for (const std::string& delta : deltas) stream += delta_event(*this, delta, {}, with_usage);
  stream += delta_event(*this, "{}", finish, with_usage);
  if (with_usage && !usage.empty()) {
    JsonWriter json;
    begin_chunk(json, *this, "chat.completion.chunk");
    json.key("choices").begin_array().end_array().key("usage").raw(usage).end_object();
    append_event(stream, std::move(json));
  }
  stream += "data: [DONE]\n\n";
  return stream;
}
