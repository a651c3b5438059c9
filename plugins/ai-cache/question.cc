// SPDX-License-Identifier: Apache-2.0
// The canonical form of a request, and the request's cache-control.
#include "question.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "base/text.h"
#include <mynah/hash.h>
#include <mynah/wait.h>

using namespace mynah;

namespace {

// Fields that say how an answer travels or who is billed for it, and not what it is.
constexpr std::string_view kImmaterial[] = {"stream",   "stream_options", "user",
                                            "metadata", "store",          "service_tier"};

// By name; members of one name, of which readers see the last, in the order in which they stand.
void sort_by_name(std::vector<JsonMember>& members) {
  std::ranges::sort(members, [](const JsonMember& a, const JsonMember& b) {
    return a.name != b.name ? a.name < b.name : a.value.raw().data() < b.value.raw().data();
  });
}

// Values in one spelling: members by name, no blanks. A mark that no value begins with stands for
// the one at `hole`.
void append_canonical(std::string& to, JsonView value, const char* hole) {
  if (value.raw().data() == hole) {
    to += '?';
  } else if (value.is_string()) {
    append_json_string(to, value.text());
  } else if (value.is_array()) {
    to += '[';
    for (const JsonView item : value.items()) {
      append_canonical(to, item, hole);
      to += ',';
    }
    to += ']';
  } else if (value.is_object()) {
    std::vector<JsonMember> members;
    for (const JsonMember member : value.members()) members.push_back(member);
    sort_by_name(members);
    to += '{';
    for (const JsonMember& member : members) {
      append_json_string(to, member.name);
      to += ':';
      append_canonical(to, member.value, hole);
      to += ',';
    }
    to += '}';
  } else {
    to += value.raw();
  }
}

bool is_immaterial(std::string_view name) {
  return std::ranges::find(kImmaterial, name) != std::end(kImmaterial);
}

bool counts(JsonView message, QuestionPlan::Turns turns) {
  const std::string_view role = message["role"].text();
  if (role == "system" || role == "developer") return true;
  return turns == QuestionPlan::Turns::asked && role == "user";
}

void append_messages(std::string& to, JsonView messages, QuestionPlan::Turns turns,
                     const char* hole) {
  const std::size_t last = messages.size() - 1;
  std::size_t place = 0;
  to += '[';
  for (const JsonView message : messages.items()) {
    if (turns == QuestionPlan::Turns::all || place == last || counts(message, turns)) {
      append_canonical(to, message, hole);
      to += ',';
    }
    ++place;
  }
  to += ']';
}

// The words of a content: a text, or a list of one part that is a text and nothing more.
std::optional<std::string> words_of(JsonView content) {
  if (content.is_string()) return std::string(content.text());
  const JsonView part = content.at(0);
  if (!content.is_array() || content.size() != 1 || part.size() != 2) return std::nullopt;
  const std::string_view type = part["type"].text();
  if ((type != "text" && type != "input_text") || !part["text"].is_string()) return std::nullopt;
  return std::string(part["text"].text());
}

}  // namespace

void QuestionPlan::describe(Schema<QuestionPlan>& schema) {
  schema
      .field("cacheKeyStrategy", &QuestionPlan::turns,
             "which turns of a conversation have to agree: all of them, the user's, or the last")
      .choice("wholeRequest", Turns::all)
      .choice("allQuestions", Turns::asked)
      .choice("lastQuestion", Turns::none)
      .choice("disabled", Turns::disabled);
  schema.field("cacheKeyFrom", &QuestionPlan::at, "JSON path of the question in a request");
}

// What refers to earlier exchanges, or goes on by itself, has no answer in its words.
static bool stands_alone(Form form, JsonView body) {
  if (form == Form::chat) return !body["n"] || body["n"].integer() == 1;
  if (form == Form::messages) return body["container"].size() == 0;
  const auto is_there = [&](std::string_view name) {
    const JsonView value = body[name];
    return value && !value.is_null() && !(value.is_boolean() && !value.flag());
  };
  return !is_there("previous_response_id") && !is_there("conversation") && !is_there("background");
}

// Where the last words of the user stand, when it is the user who has the last word.
static JsonView last_content(Form form, JsonView body, JsonView turns, std::string_view at) {
  if (turns.is_string()) return turns;
  const JsonView last = turns.at(turns.size() - 1);
  if (last["role"].text() != "user") return {};
  return form == Form::chat ? body.find(at) : last["content"];
}

std::optional<Question> Question::of(JsonView body, const Request& request,
                                     const QuestionPlan& plan, std::string_view session) {
  const std::string path = request.path();
  const Form form = form_of(path);
  const JsonView turns = body[form == Form::responses ? "input" : "messages"];
  const bool proper = turns.size() > 0 || (form == Form::responses && turns.is_string());
  if (!proper || turns.is_object() || !stands_alone(form, body)) return std::nullopt;
  Question question;
  question.form = form;
  const char* hole = nullptr;
  if (const JsonView content = last_content(form, body, turns, plan.at)) {
    if (auto words = words_of(content)) {
      question.text = *std::move(words);
      hole = content.raw().data();
    }
  }
  std::vector<JsonMember> parts;
  for (const JsonMember member : body.members()) {
    if (!is_immaterial(member.name)) parts.push_back(member);
  }
  sort_by_name(parts);
  std::string canonical;
  append_json_string(canonical, session);
  append_json_string(canonical, request.header_or("x-mse-consumer", ""));
  append_json_string(canonical, cut(path, "?").before);
  if (form == Form::messages)
    append_json_string(canonical, request.header_or("anthropic-beta", ""));
  for (const JsonMember& part : parts) {
    append_json_string(canonical, part.name);
    if (turns.is_array() && part.value.raw().data() == turns.raw().data()) {
      append_messages(canonical, turns, plan.turns, hole);
    } else {
      append_canonical(canonical, part.value, hole);
    }
  }
  question.streamed = body["stream"].flag();
  question.wants_usage = body.flag("stream_options.include_usage");
  question.scope = Sha256().add(canonical).hex();
  return question;
}

std::string Question::fingerprint_of(std::string_view other) const {
  return Sha256().add(scope).add(other).hex();
}

Wishes Wishes::of(const Request& request) {
  Wishes wishes;
  wishes.may_use_cache = request.header_or("x-higress-skip-ai-cache", "") != "on";
  const std::string control = request.header_or("cache-control", "");
  for (const std::string_view part : split(control, ',')) {
    const std::string directive = lower(trim(part));
    if (directive == "no-store") wishes.may_use_cache = false;
    if (directive == "no-cache") wishes.age_max = 0;
    if (directive == "only-if-cached") wishes.only_if_cached = true;
    if (directive.starts_with("max-age="))
      wishes.age_max = parse_int(directive.substr(8)).value_or(0);
  }
  return wishes;
}

bool is_json_post(const Request& request) {
  return request.method() == "POST" &&
         request.header_or("content-type", "").starts_with("application/json");
}

std::int64_t seconds_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(now().time_since_epoch()).count();
}

std::int64_t age_of(const Answer& answer) {
  return std::max<std::int64_t>(seconds_now() - answer.created, 0);
}
