// SPDX-License-Identifier: Apache-2.0
// The JSON writer.
#include "base/json_writer.h"

#include <cmath>

namespace mynah {
namespace {

void append_escape(std::string& to, unsigned char c) {
  switch (c) {
    case '"':
      to += "\\\"";
      return;
    case '\\':
      to += "\\\\";
      return;
    case '\b':
      to += "\\b";
      return;
    case '\f':
      to += "\\f";
      return;
    case '\n':
      to += "\\n";
      return;
    case '\r':
      to += "\\r";
      return;
    case '\t':
      to += "\\t";
      return;
    default:
      break;
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  to += "\\u00";
  to += kDigits[c >> 4U];
  to += kDigits[c & 15U];
}

}  // namespace

void append_json_string(std::string& to, std::string_view text) {
  to += '"';
  std::size_t copied = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
      ++at;
      continue;
    }
    const std::size_t length = c < 0x80 ? 0 : utf8_length(text.substr(at));
    if (length > 0) {
      at += length;
      continue;
    }
    to.append(text, copied, at - copied);
    if (c < 0x80) {
      append_escape(to, c);
    } else {
      append_utf8(to, 0xFFFD);
    }
    copied = ++at;
  }
  to.append(text, copied);
  to += '"';
}

JsonWriter& JsonWriter::key(std::string_view name) {
  MYNAH_CHECK(open_.ends_with('}') && !named_);
  if (follows_) text_ += ',';
  append_json_string(text_, name);
  text_ += ':';
  named_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  before_value();
  append_json_string(text_, text);
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  return std::isfinite(number) ? raw(CatPiece(number).text()) : null();
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  before_value();
  text_ += json;
  return *this;
}

std::string JsonWriter::take() && {
  MYNAH_CHECK(open_.empty() && follows_);
  return std::move(text_);
}

JsonWriter& JsonWriter::begin(char bracket) {
  before_value();
  text_ += bracket;
  open_ += bracket == '{' ? '}' : ']';
  follows_ = false;
  return *this;
}

JsonWriter& JsonWriter::end(char bracket) {
  MYNAH_CHECK(open_.ends_with(bracket) && !named_);
  open_.pop_back();
  text_ += bracket;
  follows_ = true;
  return *this;
}

void JsonWriter::before_value() {
  if (open_.ends_with('}')) {
    MYNAH_CHECK(named_);
  } else if (follows_) {
    // Behind a whole value only another element of an array may stand.
    MYNAH_CHECK(open_.ends_with(']'));
    text_ += ',';
  }
  named_ = false;
  follows_ = true;
}

}  // namespace mynah
