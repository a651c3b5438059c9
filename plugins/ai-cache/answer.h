// SPDX-License-Identifier: Apache-2.0
// Answer: what a model said, as the cache keeps it: independent of whether it came whole or as a
// stream, so that either can be made of it. Only whole answers are answers: one that was cut short,
// filtered or refused, that has several choices, or that holds more than text, reasoning and calls
// of tools is none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "form.h"
#include <mynah/config.h>

// Where a provider puts the parts, as JSON paths.
struct AnswerPaths {
  std::string whole = "choices.0.message.content";
  std::string piece = "choices.0.delta.content";
  std::string tools;  // an event that has something there makes the answer unfit

  static void describe(mynah::Schema<AnswerPaths>& schema) {
    schema.field("cacheValueFrom", &AnswerPaths::whole, "JSON path of the answer in a response");
    schema.field("cacheStreamValueFrom", &AnswerPaths::piece,
                 "JSON path of its next piece in an event");
    schema.field("cacheToolCallsFrom", &AnswerPaths::tools,
                 "JSON path of what calls tools in an event, beside OpenAI's place");
  }
};

// What hits look like, where somebody wants them otherwise than as a provider's. In each, %s stands
// for the answer's text, escaped as JSON asks.
struct AnswerTemplates {
  std::string whole;
  std::string stream;

  static void describe(mynah::Schema<AnswerTemplates>& schema) {
    schema.field("responseTemplate", &AnswerTemplates::whole,
                 "the body of a hit, with %s for the answer; as a provider's when nothing is said");
    schema.field("streamResponseTemplate", &AnswerTemplates::stream,
                 "the same of a hit that is streamed");
  }
  [[nodiscard]] mynah::Status check() const;
};

struct ToolCall {
  std::string id;
  std::string name;
  std::string arguments;  // JSON, as text
};

struct Answer {
  Form form = Form::chat;
  std::string whole;  // of the other forms: the provider's object; what follows is chat's
  bool whole_calls_tools = false;
  std::string id;
  std::string model;
  std::string text;
  std::string reasoning;
  std::string reasoning_name = "reasoning_content";  // providers differ
  std::vector<ToolCall> tools;
  std::string finish = "stop";
  std::string question;      // to which it was given; empty when that was more than words
  std::string usage;         // JSON; empty when the model did not say
  std::int64_t tokens = 0;   // of the usage, in all
  std::int64_t created = 0;  // seconds of Unix time at which it was kept
  std::int64_t life = 0;     // for how many seconds from then on it is good; 0: for ever

  // The answer in a whole response.
  static std::optional<Answer> from_completion(Form form, std::string_view json,
                                               const AnswerPaths& paths);
  // What record() has written.
  static std::optional<Answer> from_record(std::string_view record);

  // Adds what a message, or a piece of one, says; false when it says what no answer may hold.
  bool hear(mynah::JsonView message);
  // The same of what the model says of its own work.
  void hear_usage(mynah::JsonView said);
  // Whether it is an answer, now that the model has finished for that reason.
  bool finish_with(std::string_view reason);

  [[nodiscard]] bool calls_tools() const { return !tools.empty() || whole_calls_tools; }
  [[nodiscard]] std::string record() const;
  // A whole response, and a stream, that say it.
  [[nodiscard]] std::string completion() const;
  [[nodiscard]] std::string events(bool with_usage) const;
  // A template, filled with it.
  [[nodiscard]] std::string filled(std::string_view shape) const;
};

// Puts an answer together from the events of a stream.
class AnswerCollector final {
 public:
  AnswerCollector(Form form, const AnswerPaths& paths) : paths_(paths) { answer_.form = form; }
  void add(std::string_view data);
  // The answer, if the stream has said that it is whole.
  [[nodiscard]] std::optional<Answer> take();

 private:
  void add_chunk(mynah::JsonView root);

  const AnswerPaths& paths_;
  responses_form::Collector responses_;
  messages_form::Collector messages_;
  Answer answer_;
  std::string finish_;
  bool done_ = false;
  bool unfit_ = false;
};
