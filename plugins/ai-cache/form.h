// SPDX-License-Identifier: Apache-2.0
// Form: in which API a question is asked and answered: OpenAI's chat completions, OpenAI's
// responses, or Anthropic's messages. The latter two are kept as the object that the provider gives
// when it does not stream, and streams are put together to, and made of, that object.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

enum class Form : std::uint8_t { chat, responses, messages };

// By the end of the path; chat completions where it says nothing else.
Form form_of(std::string_view path);
std::string_view name_of(Form form);

// What an object holds: whether it is an answer that may be kept, and what that hangs on.
struct Fitness {
  bool fit = false;
  bool calls_tools = false;
  std::int64_t tokens = 0;
};

// OpenAI's /v1/responses. A stream ends with the object itself.
namespace responses_form {
Fitness judge(mynah::JsonView whole);
std::string events(const std::string& whole);

class Collector final {
 public:
  void add(mynah::JsonView event);
  // The object, if the stream has ended well.
  [[nodiscard]] std::optional<std::string> take();

 private:
  std::string whole_;
};
}  // namespace responses_form

// Anthropic's /v1/messages. A stream tells of the message, then of each block of its content, then
// how it ended.
namespace messages_form {
Fitness judge(mynah::JsonView whole);
std::string events(const std::string& whole);

class Collector final {
 public:
  void add(mynah::JsonView event);
  [[nodiscard]] std::optional<std::string> take();

 private:
  struct Block {
    std::string type;
    std::string id;
    std::string name;
    std::string text;  // or what was thought, or a tool's input as JSON
    std::string signature;
  };
  void add_delta(mynah::JsonView delta);

  std::string message_;
  std::vector<Block> blocks_;
  std::string ending_;  // the event that says why it stopped
  std::size_t bytes_ = 0;
  bool done_ = false;
  bool unfit_ = false;
};
}  // namespace messages_form
