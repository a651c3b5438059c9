// SPDX-License-Identifier: Apache-2.0
// Answers into records, responses and streams, and back.
#include "answer.h"

#include <utility>

#include "base/json_writer.h"
#include "base/text.h"

using mynah::Json;
using mynah::JsonView;
using mynah::JsonWriter;

namespace {

// Longer answers are not kept.
constexpr std::size_t kTextBytesMax = 1024 * 1024;

bool is_plain(JsonView choice, JsonView message) {
  const JsonView tools = message["tool_calls"];
  return choice["index"].integer().value_or(0) == 0 &&
         (!tools || tools.is_null() || tools.size() == 0) && !message["function_call"] &&
         !message["audio"];
}

std::string_view finish_of(JsonView choice) { return choice["finish_reason"].text(); }

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

std::string delta_event(const Answer& answer, std::string_view name, std::string_view text,
                        bool last) {
  JsonWriter json;
  begin_chunk(json, answer, "chat.completion.chunk");
  json.key("choices").begin_array().begin_object().member("index", 0).key("delta").begin_object();
  if (!last) json.member("role", "assistant").member(name, text);
  json.end_object().key("finish_reason");
  if (last) {
    json.value("stop");
  } else {
    json.null();
  }
  json.end_object().end_array().end_object();
  std::string event;
  append_event(event, std::move(json));
  return event;
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

std::string Answer::filled(std::string_view form) const {
  const std::string quoted = mynah::json_string(text);
  const mynah::Halves halves = mynah::cut(form, kHole);
  return mynah::cat(halves.before, quoted.substr(1, quoted.size() - 2), halves.after);
}

void Answer::use(JsonView said) {
  if (!said.is_object()) return;
  usage = said.raw();
  tokens = said["total_tokens"].integer().value_or(0);
}

std::optional<Answer> Answer::from_completion(std::string_view json, const AnswerPaths& paths) {
  const auto parsed = Json::parse(std::string(json));
  if (!parsed) return std::nullopt;
  const JsonView root = parsed->root();
  const JsonView choices = root["choices"];
  const JsonView choice = choices.at(0);
  if (choices.size() != 1 || finish_of(choice) != "stop" || !is_plain(choice, choice["message"]))
    return std::nullopt;
  Answer answer;
  answer.id = root["id"].text();
  answer.model = root["model"].text();
  answer.text = root.text(paths.whole);
  answer.reasoning = choice["message"]["reasoning_content"].text();
  answer.use(root["usage"]);
  if (answer.text.empty() || answer.text.size() > kTextBytesMax) return std::nullopt;
  return answer;
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
  const JsonView root = parsed->root();
  if (root["error"]) unfit_ = true;
  if (answer_.id.empty()) answer_.id = root["id"].text();
  if (answer_.model.empty()) answer_.model = root["model"].text();
  answer_.use(root["usage"]);
  const JsonView choices = root["choices"];
  if (choices.size() == 0) return;
  const JsonView choice = choices.at(0);
  unfit_ |= !paths_.tools.empty() && root.find(paths_.tools);
  unfit_ |= choices.size() > 1 || !is_plain(choice, choice["delta"]);
  answer_.text += root.text(paths_.piece);
  answer_.reasoning += choice["delta"]["reasoning_content"].text();
  unfit_ |= answer_.text.size() + answer_.reasoning.size() > kTextBytesMax;
  const std::string_view finish = finish_of(choice);
  if (finish.empty()) return;
  finished_ = true;
  unfit_ |= finish != "stop";
}

std::optional<Answer> AnswerCollector::take() {
  if (!finished_ || !done_ || unfit_ || answer_.text.empty()) return std::nullopt;
  return std::move(answer_);
}

std::string Answer::record() const {
  JsonWriter json;
  json.begin_object()
      .member("v", 1)
      .member("created", created)
      .member("id", id)
      .member("model", model);
  if (!question.empty()) json.member("question", question);
  json.member("text", text);
  if (!reasoning.empty()) json.member("reasoning", reasoning);
  if (!usage.empty()) json.key("usage").raw(usage);
  return std::move(json.end_object()).take();
}

std::optional<Answer> Answer::from_record(std::string_view record) {
  const auto parsed = Json::parse(std::string(record));
  if (!parsed || parsed->root()["v"].integer() != 1) return std::nullopt;
  const JsonView root = parsed->root();
  Answer answer;
  answer.created = root["created"].integer().value_or(0);
  answer.id = root["id"].text();
  answer.model = root["model"].text();
  answer.text = root["text"].text();
  answer.question = root["question"].text();
  answer.reasoning = root["reasoning"].text();
  answer.use(root["usage"]);
  if (answer.text.empty()) return std::nullopt;
  return answer;
}

std::string Answer::completion() const {
  JsonWriter json;
  begin_chunk(json, *this, "chat.completion");
  json.key("choices").begin_array().begin_object().member("index", 0);
  json.key("message").begin_object().member("role", "assistant").member("content", text);
  if (!reasoning.empty()) json.member("reasoning_content", reasoning);
  json.end_object().member("finish_reason", "stop").end_object().end_array();
  if (!usage.empty()) json.key("usage").raw(usage);
  return std::move(json.end_object()).take();
}

std::string Answer::events(bool with_usage) const {
  std::string stream;
  if (!reasoning.empty()) stream += delta_event(*this, "reasoning_content", reasoning, false);
  stream += delta_event(*this, "content", text, false);
  stream += delta_event(*this, "content", {}, true);
  if (with_usage && !usage.empty()) {
    JsonWriter json;
    begin_chunk(json, *this, "chat.completion.chunk");
    json.key("choices").begin_array().end_array().key("usage").raw(usage).end_object();
    append_event(stream, std::move(json));
  }
  stream += "data: [DONE]\n\n";
  return stream;
}
