// SPDX-License-Identifier: Apache-2.0
// Plays a story on a stage and holds its expectations against what could be seen.
#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "story/stage.h"

namespace mynah::story {

namespace {

constexpr std::size_t kShownBytes = 600;

std::string shown(std::string_view text) {
  return cat("\"", utf8_prefix(text, kShownBytes), text.size() > kShownBytes ? "…\"" : "\"");
}

std::string milliseconds(Duration time) {
  return cat(static_cast<double>(time.count()) / 1e6, "ms");
}

std::string_view word_of(Test test) {
  switch (test) {
    case Test::equals:
      return " = ";
    case Test::contains:
      return " contains ";
    case Test::absent:
      return " absent";
    case Test::present:
      return " present";
  }
  return "";
}

// What came instead of what the test wants; nothing when it is met.
std::optional<std::string> against(Test test, std::string_view wanted,
                                   const std::optional<std::string>& found) {
  const bool met = test == Test::absent    ? !found
                   : test == Test::present ? found.has_value()
                   : test == Test::equals  ? found && *found == wanted
                                           : found && found->find(wanted) != std::string::npos;
  if (met) return std::nullopt;
  return found ? shown(*found) : std::string("nothing");
}

std::optional<std::string> field_of(const Fields& fields, std::string_view name) {
  std::optional<std::string> joined;
  for (const auto& [field, value] : fields) {
    if (field != name) continue;
    joined = joined ? cat(*joined, ", ", value) : value;
  }
  return joined;
}

struct Seen {
  std::string_view method;  // tidy: allow string_view: of the text being read
  std::string_view path;    // tidy: allow string_view: of the text being read
  const Fields& headers;
  std::string_view body;  // tidy: allow string_view: of the text being read
};

std::optional<std::string> find_in(const Seen& seen, const Condition& condition) {
  if (condition.header) return field_of(seen.headers, condition.what);
  if (condition.what == "body bytes") return cat(seen.body.size());
  if (condition.what == "method") return std::string(seen.method);
  if (condition.what == "path") return std::string(seen.path);
  if (condition.what == "body") {
    if (seen.body.empty() && condition.test != Test::equals) return std::nullopt;
    return std::string(seen.body);
  }
  const auto json = Json::parse(std::string(seen.body));
  if (!json || !json->root().find(condition.what)) return std::nullopt;
  return json->root().text(condition.what);
}

class Play final {
 public:
  Play(const Story& story, Stage& stage) : story_(story), stage_(stage) {}

  std::vector<Failure> run() {
    if (Status begun = stage_.begin(story_); !begun) {
      fail(story_.place, "the configuration to be accepted", begun.error().what);
      return std::move(failures_);
    }
    for (const Entry& entry : story_.entries) {
      if (!std::visit([this](const auto& one) { return perform(one); }, entry)) break;
    }
    return std::move(failures_);
  }

 private:
  template <class Given>
  bool perform(const Given& given) {
    const Status applied = stage_.apply(given);
    if (!applied) fail(story_.place, "what is given to be possible", applied.error().what);
    return applied.ok();
  }

  bool perform(const Request& request) {
    auto ran = stage_.run(request);
    if (!ran) {
      fail(request.place, "the request to run", ran.error().what);
      return false;
    }
    outcome_ = *std::move(ran);
    return true;
  }

  bool perform(const Expectation& expected) {
    if (auto instead = check(expected)) fail(expected.place, expected.text, *std::move(instead));
    return true;
  }

  std::optional<std::string> check(const Expectation& expected) {
    switch (expected.subject) {
      case Subject::response:
        return check_response(expected);
      case Subject::no_response:
        return outcome_.answered ? std::optional(response_line()) : std::nullopt;
      case Subject::broken_response:
        if (outcome_.answered && !outcome_.complete) return std::nullopt;
        return outcome_.answered ? std::string("a whole response") : std::string("no response");
      case Subject::first_byte:
        if (outcome_.answered && outcome_.headers_at == expected.time) return std::nullopt;
        return milliseconds(outcome_.headers_at);
      case Subject::last_byte:
        if (outcome_.complete && outcome_.ended_at == expected.time) return std::nullopt;
        return milliseconds(outcome_.ended_at);
      case Subject::pieces:
        return check_number(expected.number, static_cast<std::int64_t>(outcome_.pieces_at.size()));
      case Subject::upstream:
        return check_received(expected, outcome_.upstream);
      case Subject::call:
        return check_call(expected);
      case Subject::note: {
        const auto note = outcome_.notes.find(expected.name);
        return against(expected.test, expected.value,
                       note == outcome_.notes.end() ? std::nullopt : std::optional(note->second));
      }
      case Subject::redis: {
        const auto stored = stage_.stored(expected.name, expected.key);
        if (!stored) return stored.error().what;
        return against(expected.test, expected.value, *stored);
      }
      case Subject::metric:
        return check_number(expected.number, metric(expected.name));
      case Subject::log:
        return check_log(expected.value);
    }
    return std::nullopt;
  }

  static std::optional<std::string> check_number(std::int64_t wanted, std::int64_t found) {
    return wanted == found ? std::nullopt : std::optional(cat(found));
  }

  [[nodiscard]] std::int64_t metric(const std::string& name) const {
    const auto found = outcome_.metrics.find(name);
    return found == outcome_.metrics.end() ? 0 : found->second;
  }

  [[nodiscard]] std::optional<std::string> check_log(std::string_view wanted) const {
    std::string lines;
    for (const std::string& line : outcome_.log) {
      if (line.find(wanted) != std::string::npos) return std::nullopt;
      append(lines, "\n    ", line);
    }
    return lines.empty() ? std::string("no line") : cat("these lines:", lines);
  }

  [[nodiscard]] std::string response_line() const {
    if (!outcome_.answered) return cat("no response", logged());
    return cat(outcome_.status, " ", field_of(outcome_.headers, "content-type").value_or(""), " ",
               shown(outcome_.body), outcome_.complete ? "" : ", broken off", logged());
  }

  [[nodiscard]] std::string logged() const {
    std::string lines;
    for (const std::string& line : outcome_.log) append(lines, "\n    log: ", line);
    return lines;
  }

  std::optional<std::string> check_response(const Expectation& expected) {
    const std::string type = field_of(outcome_.headers, "content-type").value_or("");
    if (!outcome_.answered || !outcome_.complete || outcome_.status != expected.number ||
        !type.starts_with(expected.name)) {
      return response_line();
    }
    check_conditions(expected, {{}, {}, outcome_.headers, outcome_.body});
    return std::nullopt;
  }

  std::optional<std::string> check_call(const Expectation& expected) {
    std::vector<Received> calls;
    std::ranges::copy_if(outcome_.calls, std::back_inserter(calls),
                         [&](const Received& call) { return call.service == expected.name; });
    return check_received(expected, calls);
  }

  std::optional<std::string> check_received(const Expectation& expected,
                                            const std::vector<Received>& received) {
    if (auto instead = check_number(expected.number, static_cast<std::int64_t>(received.size()))) {
      return cat("called ", *instead, " times", logged());
    }
    if (!received.empty()) {
      const Received& last = received.back();
      check_conditions(expected, {last.method, last.path, last.headers, last.body});
    }
    return std::nullopt;
  }

  void check_conditions(const Expectation& expected, const Seen& seen) {
    for (const Condition& condition : expected.conditions) {
      const bool header = condition.header;
      auto instead = against(condition.test, condition.value, find_in(seen, condition));
      if (!instead) continue;
      const bool valued = condition.test == Test::equals || condition.test == Test::contains;
      fail(condition.place,
           cat(header ? "header " : "", condition.what, word_of(condition.test),
               valued ? shown(condition.value) : ""),
           *std::move(instead));
    }
  }

  void fail(const Place& place, std::string expected, std::string instead) {
    failures_.push_back({place, story_.name, std::move(expected), std::move(instead)});
  }

  const Story& story_;
  Stage& stage_;
  Outcome outcome_;
  std::vector<Failure> failures_;
};

}  // namespace

std::vector<Failure> play(const Story& story, Stage& stage) { return Play(story, stage).run(); }

std::string report(const Failure& failure) {
  return cat(failure.place.file, ":", failure.place.line, ": ", failure.story, "\n  expected ",
             failure.expected, "\n  got      ", failure.instead, "\n");
}

}  // namespace mynah::story
