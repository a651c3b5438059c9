// SPDX-License-Identifier: Apache-2.0
// The reader of stories: first lines into entries with their blocks, then each entry by its first
// word.
#include "story/story.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"

namespace mynah::story {

std::vector<std::string_view> Message::pieces() const {
  const std::string_view all = std::string_view(body).substr(0, breaks_after.value_or(body.size()));
  std::vector<std::string_view> parts;
  std::size_t from = 0;
  auto next_cut = cuts.begin();
  while (from < all.size()) {
    while (next_cut != cuts.end() && *next_cut <= from) ++next_cut;
    std::size_t to = next_cut == cuts.end() ? all.size() : std::min(*next_cut, all.size());
    if (cut_every != 0) to = std::min(to, from + cut_every);
    parts.push_back(all.substr(from, to - from));
    from = to;
  }
  return parts;
}

namespace {

struct BlockLine {
  std::size_t number;
  std::string_view text;  // tidy: allow string_view: of the text being read
};

struct RawEntry {
  Place place;
  std::string_view word;  // tidy: allow string_view: of the text being read
  std::string_view rest;  // tidy: allow string_view: of the text being read
  std::vector<BlockLine> block;
};

Error broken(const Place& place, std::string_view why) {
  return Error{Errc::invalid_argument, cat(place.file, ":", place.line, ": ", why)};
}

// The words of a line, one after the other.
class Words final {
 public:
  explicit Words(std::string_view text) : rest_(trim(text)) {}

  [[nodiscard]] bool done() const { return rest_.empty(); }
  [[nodiscard]] std::string_view rest() const { return rest_; }
  std::string_view next() {
    const Halves halves = cut(rest_, " ");
    rest_ = trim(halves.after);
    return halves.before;
  }
  // Takes the words if they come next.
  bool take(std::string_view words) {
    if (!rest_.starts_with(words)) return false;
    if (rest_.size() > words.size() && rest_[words.size()] != ' ') return false;
    rest_ = trim(rest_.substr(words.size()));
    return true;
  }

 private:
  std::string_view rest_;  // tidy: allow string_view: of the text being read
};

Result<std::string> value_of(std::string_view text) {
  text = trim(text);
  if (!text.starts_with('"')) return std::string(text);
  MYNAH_LET(const Json json, Json::parse(std::string(text)));
  return std::string(json.root().text());
}

Result<Duration> duration_of(std::string_view text) {
  const std::size_t unit = std::min(text.find_first_not_of("0123456789"), text.size());
  MYNAH_LET(const auto number, parse_number<std::int64_t>(text.substr(0, unit)));
  const std::string_view name = text.substr(unit);
  if (name == "us") return Duration(std::chrono::microseconds(number));
  if (name == "ms") return Duration(std::chrono::milliseconds(number));
  if (name == "s") return Duration(std::chrono::seconds(number));
  return Error{Errc::invalid_argument, cat("\"", text, "\" is not a time such as 20ms")};
}

bool is_header_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_' || c == ':';
  });
}

std::string* find_field(Fields& fields, std::string_view name) {
  for (auto& [field, value] : fields) {
    if (field == name) return &value;
  }
  return nullptr;
}

// ---- Lines into entries

Result<std::vector<RawEntry>> entries_of(std::string_view text, std::string_view file) {
  std::vector<RawEntry> entries;
  std::size_t number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with('#')) continue;
    if (line.empty() || is_blank(line.front())) {
      if (!entries.empty())
        entries.back().block.push_back({number, line});
      else if (!trim(line).empty())
        return broken({std::string(file), number}, "an indented line before any entry");
      continue;
    }
    const Halves halves = cut(line, " ");
    entries.push_back({{std::string(file), number}, halves.before, trim(halves.after), {}});
  }
  for (RawEntry& entry : entries) {
    while (!entry.block.empty() && trim(entry.block.back().text).empty()) entry.block.pop_back();
    while (!entry.block.empty() && trim(entry.block.front().text).empty())
      entry.block.erase(entry.block.begin());
    if (entry.block.empty()) continue;
    const std::size_t indent = entry.block.front().text.find_first_not_of(" \t");
    for (BlockLine& line : entry.block) {
      const std::size_t own = std::min(line.text.find_first_not_of(" \t"), line.text.size());
      line.text.remove_prefix(std::min(indent, own));
    }
  }
  return entries;
}

std::string block_text(const std::vector<BlockLine>& block, std::size_t from) {
  std::string text;
  for (std::size_t i = from; i < block.size(); ++i)
    append(text, i == from ? "" : "\n", block[i].text);
  return text;
}

// ---- Messages

constexpr std::size_t kAtOnceMax = 1000;

Status read_modifiers(std::string_view text, Message& message) {
  for (const std::string_view part : split(text, ',')) {
    Words words(part);
    if (words.done()) continue;
    if (words.take("cut every")) {
      MYNAH_LET(message.cut_every, parse_number<std::size_t>(words.next()));
      if (message.cut_every == 0)
        return Error{Errc::invalid_argument, "pieces have at least one byte"};
      if (!words.take("bytes") && !words.take("byte"))
        return Error{Errc::invalid_argument, "\"cut every N bytes\""};
    } else if (words.take("cut at")) {
      while (!words.done()) {
        MYNAH_LET(const auto at, parse_number<std::size_t>(words.next()));
        message.cuts.push_back(at);
      }
      std::ranges::sort(message.cuts);
    } else if (words.take("after")) {
      MYNAH_LET(message.after, duration_of(words.next()));
    } else if (words.take("breaks off after")) {
      MYNAH_LET(message.breaks_after, parse_number<std::size_t>(words.next()));
      if (!words.take("bytes") && !words.take("byte"))
        return Error{Errc::invalid_argument, "\"breaks off after N bytes\""};
    } else if (words.take("leaves after")) {
      MYNAH_LET(message.leaves_after, duration_of(words.next()));
    } else if (words.take("trailers")) {
      const Halves halves = cut(words.rest(), " = ");
      message.trailers.emplace_back(lower(trim(halves.before)), trim(halves.after));
      words = Words("");
    } else if (words.rest().ends_with(" at once")) {
      MYNAH_LET(message.at_once, parse_number<std::size_t>(words.next()));
      if (message.at_once == 0 || message.at_once > kAtOnceMax)
        return Error{Errc::invalid_argument, cat("from 1 to ", kAtOnceMax, " at once")};
      words = Words("");
    } else if (words.rest().ends_with(" apart")) {
      MYNAH_LET(message.apart, duration_of(words.next()));
      words.next();
    } else {
      return Error{Errc::invalid_argument, cat("unknown modifier \"", words.rest(), "\"")};
    }
    if (!words.done())
      return Error{Errc::invalid_argument, cat("\"", words.rest(), "\" is too much here")};
  }
  return ok();
}

void read_message(const RawEntry& entry, std::string_view type, Message& message) {
  std::size_t at = 0;
  for (; at < entry.block.size(); ++at) {
    const Halves halves = cut(entry.block[at].text, ": ");
    // A field of an event stream looks like a header field.
    const bool event =
        type.starts_with("text/event-stream") &&
        (halves.before == "data" || halves.before == "event" || halves.before == "id");
    if (!halves.found || event || !is_header_name(halves.before)) break;
    message.headers.emplace_back(halves.before, trim(halves.after));
  }
  if (at < entry.block.size() && trim(entry.block[at].text).empty()) ++at;
  message.body = block_text(entry.block, at);
  std::string* given = find_field(message.headers, "content-type");
  if (given == nullptr && !type.empty()) {
    message.headers.emplace_back("content-type", type);
  } else if (given == nullptr && (message.body.starts_with('{') || message.body.starts_with('['))) {
    message.headers.emplace_back("content-type", "application/json");
  }
  given = find_field(message.headers, "content-type");
  if (given != nullptr && given->starts_with("text/event-stream") && !message.body.empty())
    message.body += "\n\n";
}

// "STATUS [TYPE] {, modifier}" and the block.
Status read_answer(const RawEntry& entry, std::string_view text, Answer& answer) {
  const Halves halves = cut(text, ",");
  Words words(halves.before);
  if (words.take("silent")) {
    answer.conduct = Conduct::silent;
  } else if (words.take("refuses")) {
    answer.conduct = Conduct::refuses;
  } else if (words.take("fails")) {
    answer.conduct = Conduct::fails;
  } else {
    MYNAH_LET(answer.status, parse_number<int>(words.next()));
    read_message(entry, words.next(), answer.message);
  }
  if (!words.done())
    return Error{Errc::invalid_argument, cat("\"", words.rest(), "\" is too much here")};
  return read_modifiers(halves.after, answer.message);
}

// ---- Entries

Result<Entry> read_given(const RawEntry& entry) {
  Words words(entry.rest);
  if (words.take("upstream")) {
    GivenUpstream given;
    MYNAH_OK(read_answer(entry, words.rest(), given.answer));
    return Entry(std::move(given));
  }
  if (words.take("call")) {
    GivenCall given{.service = std::string(words.next()), .method = {}, .path = {}, .answer = {}};
    const Halves halves = cut(words.rest(), " = ");
    if (halves.found) {
      Words where(halves.before);
      given.method = where.next();
      given.path = where.next();
    }
    MYNAH_OK(read_answer(entry, halves.found ? halves.after : words.rest(), given.answer));
    return Entry(std::move(given));
  }
  if (words.take("property")) {
    const Halves halves = cut(words.rest(), " = ");
    MYNAH_LET(std::string value, value_of(halves.after));
    return Entry(GivenProperty{std::string(trim(halves.before)), std::move(value)});
  }
  if (!words.take("redis"))
    return Error{Errc::invalid_argument, "given what? upstream, call, redis or property"};
  GivenRedis given{.service = std::string(words.next()), .entry = {}, .conduct = {}, .after = {}};
  if (words.take("down")) {
    given.conduct = Conduct::fails;
  } else if (words.take("up")) {
    given.conduct = Conduct::answers;
  } else if (words.take("refuses")) {
    given.conduct = Conduct::refuses;
  } else if (words.take("after")) {
    MYNAH_LET(given.after, duration_of(words.next()));
  } else {
    const Halves halves = cut(words.rest(), " = ");
    if (!halves.found)
      return Error{Errc::invalid_argument,
                   "a store holds KEY = VALUE, or is down, up, refuses, after TIME"};
    MYNAH_LET(std::string key, value_of(halves.before));
    MYNAH_LET(std::string value, value_of(halves.after));
    given.entry.emplace(std::move(key), std::move(value));
  }
  return Entry(std::move(given));
}

Result<Entry> read_request(const RawEntry& entry) {
  const Halves halves = cut(entry.rest, ",");
  Words words(halves.before);
  Request request{.place = entry.place,
                  .method = std::string(words.next()),
                  .path = std::string(words.next()),
                  .message = {}};
  if (request.path.empty() || !words.done())
    return Error{Errc::invalid_argument, "a request is METHOD PATH"};
  read_message(entry, {}, request.message);
  MYNAH_OK(read_modifiers(halves.after, request.message));
  return Entry(std::move(request));
}

// "WHAT = VALUE", "WHAT contains VALUE", "WHAT absent", "WHAT present".
Status read_test(std::string_view text, std::string& what, Test& test, std::string& value) {
  for (const auto& [word, meaning] :
       {std::pair(" = ", Test::equals), std::pair(" contains ", Test::contains)}) {
    const Halves halves = cut(text, word);
    if (!halves.found) continue;
    MYNAH_LET(what, value_of(halves.before));
    MYNAH_LET(value, value_of(halves.after));
    test = meaning;
    return ok();
  }
  for (const auto& [word, meaning] :
       {std::pair(" absent", Test::absent), std::pair(" present", Test::present)}) {
    if (!text.ends_with(word)) continue;
    MYNAH_LET(what, value_of(text.substr(0, text.size() - std::string_view(word).size())));
    test = meaning;
    return ok();
  }
  return Error{Errc::invalid_argument, cat("\"", text, "\" has no =, contains, absent or present")};
}

Result<Condition> read_condition(const Place& place, std::string_view text) {
  Condition condition{
      .place = place, .header = false, .what = {}, .test = Test::equals, .value = {}};
  const Halves field = cut(text, ": ");
  if (field.found && is_header_name(field.before) &&
      field.before.find(' ') == std::string_view::npos) {
    condition.header = true;
    condition.what = field.before;
    const std::string_view value = trim(field.after);
    if (value == "absent" || value == "present") {
      condition.test = value == "absent" ? Test::absent : Test::present;
      return condition;
    }
    MYNAH_LET(condition.value, value_of(value));
    return condition;
  }
  MYNAH_OK(read_test(trim(text), condition.what, condition.test, condition.value));
  return condition;
}

Result<std::int64_t> times_of(Words& words) {
  if (words.take("untouched")) return std::int64_t{0};
  if (words.take("called once")) return std::int64_t{1};
  if (words.take("called twice")) return std::int64_t{2};
  if (!words.take("called"))
    return Error{Errc::invalid_argument, "untouched, or called how often?"};
  MYNAH_LET(const auto times, parse_number<std::int64_t>(words.next()));
  words.take("times");
  return times;
}

Status read_clause(std::string_view text, Expectation& expected) {
  Words words(text);
  const auto subject = [&](Subject is) { expected.subject = is; };
  if (words.take("no response")) {
    subject(Subject::no_response);
  } else if (words.take("broken response")) {
    subject(Subject::broken_response);
  } else if (words.take("first byte after")) {
    subject(Subject::first_byte);
    MYNAH_LET(expected.time, duration_of(words.next()));
  } else if (words.take("last byte after")) {
    subject(Subject::last_byte);
    MYNAH_LET(expected.time, duration_of(words.next()));
  } else if (words.take("pieces")) {
    subject(Subject::pieces);
    MYNAH_LET(expected.number, parse_number<std::int64_t>(words.next()));
  } else if (words.take("upstream")) {
    subject(Subject::upstream);
    MYNAH_LET(expected.number, times_of(words));
  } else if (words.take("call")) {
    subject(Subject::call);
    expected.name = words.next();
    MYNAH_LET(expected.number, times_of(words));
  } else if (words.take("note")) {
    subject(Subject::note);
    return read_test(words.rest(), expected.name, expected.test, expected.value);
  } else if (words.take("redis")) {
    subject(Subject::redis);
    expected.name = words.next();
    return read_test(words.rest(), expected.key, expected.test, expected.value);
  } else if (words.take("metric")) {
    subject(Subject::metric);
    std::string number;
    MYNAH_OK(read_test(words.rest(), expected.name, expected.test, number));
    MYNAH_LET(expected.number, parse_number<std::int64_t>(number));
    return ok();
  } else if (words.take("log")) {
    subject(Subject::log);
    MYNAH_LET(expected.value, value_of(words.rest()));
    return ok();
  } else {
    MYNAH_LET(expected.number, parse_number<std::int64_t>(words.next()));
    expected.name = words.next();
  }
  if (!words.done())
    return Error{Errc::invalid_argument, cat("\"", words.rest(), "\" is too much here")};
  return ok();
}

bool begins_clause(std::string_view text) {
  for (const char* word :
       {"upstream ", "call ", "note ", "redis ", "metric ", "log ", "no response",
        "broken response", "first byte ", "last byte ", "pieces "}) {
    if (text.starts_with(word)) return true;
  }
  return false;
}

Status read_expectations(const RawEntry& entry, std::vector<Entry>& to) {
  // A comma separates clauses where one begins behind it, so that values may have commas.
  std::vector<std::string> clauses;
  for (const std::string_view part : split(entry.rest, ',')) {
    if (clauses.empty() || begins_clause(trim(part))) {
      clauses.emplace_back(trim(part));
    } else {
      append(clauses.back(), ",", part);
    }
  }
  for (std::size_t i = 0; i < clauses.size(); ++i) {
    Expectation expected;
    expected.place = entry.place;
    expected.text = clauses[i];
    MYNAH_OK(read_clause(clauses[i], expected));
    if (i + 1 == clauses.size()) {
      for (const BlockLine& line : entry.block) {
        if (trim(line.text).empty()) continue;
        const Place place{entry.place.file, line.number};
        auto condition = read_condition(place, line.text);
        if (!condition) return broken(place, condition.error().what);
        expected.conditions.push_back(*std::move(condition));
      }
    }
    to.emplace_back(std::move(expected));
  }
  return ok();
}

Status read_entry(const RawEntry& entry, Story& story) {
  if (entry.word == "config") {
    const std::string below = block_text(entry.block, 0);
    story.config = cat(entry.rest, below.empty() ? "" : "\n", below);
    return ok();
  }
  if (entry.word == "expect") return read_expectations(entry, story.entries);
  if (entry.word != "given" && entry.word != "request") {
    return Error{Errc::invalid_argument,
                 cat("unknown word \"", entry.word,
                     "\"; lines begin with story, config, given, request or expect")};
  }
  MYNAH_LET(Entry read, entry.word == "given" ? read_given(entry) : read_request(entry));
  story.entries.push_back(std::move(read));
  return ok();
}

}  // namespace

Result<std::vector<Story>> parse_stories(std::string_view text, std::string_view file) {
  MYNAH_LET(const auto entries, entries_of(text, file));
  std::vector<Story> stories;
  for (const RawEntry& entry : entries) {
    if (entry.word == "story") {
      if (entry.rest.empty()) return broken(entry.place, "a story has a name");
      stories.push_back(
          {.place = entry.place, .name = std::string(entry.rest), .config = "{}", .entries = {}});
      continue;
    }
    if (stories.empty()) return broken(entry.place, "a file begins with a story");
    if (Status read = read_entry(entry, stories.back()); !read) {
      const bool placed = read.error().what.starts_with(cat(file, ":"));
      if (placed) return std::move(read).error();
      return broken(entry.place, read.error().what);
    }
  }
  if (stories.empty()) return broken({std::string(file), 1}, "the file tells no story");
  return stories;
}

}  // namespace mynah::story
