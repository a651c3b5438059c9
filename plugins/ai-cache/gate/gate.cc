// SPDX-License-Identifier: Apache-2.0
// The canonical form of a question. What is left out of it weighs nothing; what tense, negation and
// modality said is noted as marks, for equal texts are served without another look.
#include "gate.h"

#include <algorithm>

#include "chinese.h"
#include "english.h"
#include "lexicon.h"
#include <mynah/hash.h>

namespace gate {

namespace {

constexpr std::string_view kNames[] = {
    "served",   "payload", "code",       "anaphora",   "number", "date",  "unit",
    "negation", "antonym", "comparison", "quantifier", "tense",  "modal", "frame",
    "format",   "name",    "scope",      "order",      "wording"};
static_assert(std::size(kNames) == kReasons);

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  return end == std::string_view::npos ? std::string_view{} : text.substr(begin, end + 1 - begin);
}

// Where the text begins that the question asks to work on: "Translate this: …".
std::size_t payload_at(std::string_view question) {
  std::string word;
  bool task = false;
  for (std::size_t at = 0; at < question.size(); ++at) {
    const char c = question[at];
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      word += static_cast<char>(c | 0x20);
      continue;
    }
    task = task || (english().classes(word) & kTask) != 0;
    word.clear();
    const bool wide_colon = question.substr(at).starts_with("：");
    task = task || chinese_task(question.substr(at));
    if (task && (c == ':' || c == '\n' || wide_colon)) return at + (wide_colon ? 3 : 1);
  }
  return question.size();
}

CanonicalForm opaque(std::string_view question) {
  CanonicalForm form;
  form.opaque = true;
  form.text = "=";
  form.text += trimmed(question);
  return form;
}

std::string text_of(const CanonicalForm& form) {
  std::string text = form.frame;
  for (const std::string& mark : form.marks) {
    text += '!';
    text += mark;
  }
  text += ':';
  for (const Token& token : form.tokens) {
    text += ' ';
    text += token.canon;
    if (token.inflection == Inflection::past) text += "~ed";
    if (token.inflection == Inflection::ing) text += "~ing";
  }
  if (!form.exact.empty()) {
    text += '\n';
    text += form.exact;
  }
  return text;
}

}  // namespace

std::string_view name_of(Reason reason) { return kNames[static_cast<std::size_t>(reason)]; }

std::string CanonicalForm::key() const { return mynah::Sha256().add(text).hex(); }

CanonicalForm canonical(std::string_view question) {
  if (question.size() > kQuestionBytesMax) return opaque(question);
  const std::size_t payload = payload_at(question);
  Tokens read = read_tokens(question.substr(0, payload), kTokensMax);
  if (!read.valid) return opaque(question);
  CanonicalForm form;
  form.exact = std::move(read.exact);
  if (payload < question.size()) {
    form.exact += '\x1f';
    form.exact += trimmed(question.substr(payload));
  }
  form.chinese = read.has_han;
  if (form.chinese) {
    read_chinese(std::move(read), form);
  } else {
    read_english(std::move(read), form);
  }
  std::ranges::sort(form.marks);
  form.text = text_of(form);
  if (form.tokens.empty()) return opaque(question);
  return form;
}

}  // namespace gate
