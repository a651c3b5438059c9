// SPDX-License-Identifier: Apache-2.0
//   form     := delimiter part *( CRLF delimiter part ) CRLF "--" boundary "--" [ CRLF ]
//   delimiter:= "--" boundary CRLF
//   part     := *( header CRLF ) CRLF content
//
// No preamble, no epilogue, no blanks behind a boundary: nobody who sends forms makes them, and
// each is a way to say two things at once.
#include "market/multipart.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace mynah::market {
namespace {

constexpr std::size_t kBoundaryBytesMax = 70;

Error malformed(std::string_view what, std::size_t offset) {
  return {Errc::invalid_argument, cat("the form: ", what, " at offset ", offset)};
}

bool is_boundary(std::string_view text) {
  return !text.empty() && text.size() <= kBoundaryBytesMax && std::ranges::all_of(text, [](char c) {
    return is_alpha(c) || is_digit(c) ||
           std::string_view("'()+_,-./:=?").find(c) != std::string_view::npos;
  });
}

// "…" with \" and \\ inside; moves `text` behind it.
Result<std::string> take_quoted(std::string_view& text) {
  const Error unclosed{Errc::invalid_argument, "a name is not in quotation marks"};
  if (!text.starts_with('"')) return unclosed;
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return value;
    }
    const bool escaped =
        text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\');
    value += text[escaped ? ++i : i];
  }
  return unclosed;
}

// form-data; name="…"; filename="…"
Status read_disposition(std::string_view value, FormPart& part) {
  const Error wrong{Errc::invalid_argument, "content-disposition is not form-data with a name"};
  const Halves type = cut(value, ";");
  if (!iequals(trim(type.before), "form-data")) return wrong;
  std::string_view rest = trim(type.after);
  bool named = false;
  while (!rest.empty()) {
    const Halves pair = cut(rest, "=");
    if (!pair.found) return wrong;
    const std::string_view key = trim(pair.before);
    rest = trim(pair.after);
    MYNAH_LET(std::string text, take_quoted(rest));
    if (!is_utf8(text)) return wrong;
    if (iequals(key, "name")) {
      if (std::exchange(named, true)) return wrong;
      part.name = std::move(text);
    } else if (iequals(key, "filename")) {
      part.file_name = std::move(text);
    }
    rest = trim(rest);
    if (rest.starts_with(';')) {
      rest = trim(rest.substr(1));
    } else if (!rest.empty()) {
      return wrong;
    }
  }
  if (!named || part.name.empty()) return wrong;
  return ok();
}

Result<FormPart> read_headers(std::string_view headers) {
  FormPart part;
  bool placed = false;
  while (!headers.empty()) {
    const Halves line = cut(headers, "\r\n");
    const Halves field = cut(line.before, ":");
    if (!field.found) return Error{Errc::invalid_argument, "a header has no colon"};
    if (iequals(field.before, "content-disposition")) {
      if (std::exchange(placed, true))
        return Error{Errc::invalid_argument, "content-disposition stands twice"};
      MYNAH_OK(read_disposition(field.after, part));
    } else if (iequals(field.before, "content-transfer-encoding")) {
      return Error{Errc::invalid_argument, "parts are sent as they are, without an encoding"};
    }
    headers = line.after;
  }
  if (!placed) return Error{Errc::invalid_argument, "a part has no content-disposition"};
  return part;
}

}  // namespace

Result<std::string> form_boundary(std::string_view content_type) {
  const Halves type = cut(content_type, ";");
  if (!iequals(trim(type.before), "multipart/form-data")) {
    return Error{Errc::unsupported, "the body must be multipart/form-data"};
  }
  for (const std::string_view parameter : split(type.after, ';')) {
    const Halves pair = cut(trim(parameter), "=");
    if (!iequals(pair.before, "boundary")) continue;
    std::string_view value = trim(pair.after);
    if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"'))
      value = value.substr(1, value.size() - 2);
    if (is_boundary(value)) return std::string(value);
  }
  return Error{Errc::invalid_argument, "the content type names no usable boundary"};
}

Result<std::vector<FormPart>> read_form(std::string_view body, std::string_view boundary,
                                        const FormLimits& limits) {
  const std::string opening = cat("--", boundary);
  const std::string delimiter = cat("\r\n--", boundary);
  std::vector<FormPart> parts;
  if (!body.starts_with(opening)) return malformed("no boundary", 0);
  std::size_t at = opening.size();
  while (true) {
    const std::string_view rest = body.substr(at);
    if (rest == "--" || rest == "--\r\n") return parts;
    if (!rest.starts_with("\r\n")) return malformed("no end of line behind a boundary", at);
    if (parts.size() == limits.parts)
      return Error{Errc::too_large, cat("the form has more than ", limits.parts, " parts")};
    at += 2;
    const std::size_t blank = body.substr(at, limits.header_bytes + 4).find("\r\n\r\n");
    if (blank == std::string_view::npos)
      return malformed("headers of a part without an end, or too long,", at);
    auto part = read_headers(body.substr(at, blank));
    if (!part) return malformed(part.error().what, at);
    at += blank + 4;
    // The line break in front of a boundary may be the one that ended the headers.
    const std::size_t end = body.find(delimiter, at - 2);
    if (end == std::string_view::npos) return malformed("a part without an end", at);
    part->content = body.substr(at, end < at ? 0 : end - at);
    parts.push_back(*std::move(part));
    at = end + delimiter.size();
  }
}

}  // namespace mynah::market
