// SPDX-License-Identifier: Apache-2.0
// What each refusal is called and answered.
// tidy: allow-file string_view: texts in a table that lives as long as the program
#include "http/refusal.h"

#include <array>
#include <string>

namespace mynah::http {
namespace {

struct Row {
  Refusal refusal;
  int status;
  std::string_view name;
  std::string_view text;
};

#define ROW(name, status, text) \
  Row { Refusal::name, status, #name, text }
constexpr std::array<Row, kRefusals> kRows = {
    ROW(none, 200, "the message is well-formed"),
    ROW(request_line_malformed, 400, "the request line is not METHOD SP TARGET SP VERSION"),
    ROW(protocol_unknown, 400, "the request line names another protocol than HTTP"),
    ROW(method_invalid, 400, "the method is not a token of at most 32 characters"),
    ROW(connect_refused, 501, "CONNECT is not offered"),
    ROW(target_invalid, 400, "the request target has no legal form or holds an illegal character"),
    ROW(target_too_long, 414, "the request target is longer than the limit"),
    ROW(version_unsupported, 505, "the protocol version is neither HTTP/1.0 nor HTTP/1.1"),
    ROW(status_line_malformed, 502, "the status line is not VERSION SP STATUS SP REASON"),
    ROW(status_invalid, 502, "the status is not a number from 100 to 599"),
    ROW(bare_lf, 400, "a line ends with LF alone"),
    ROW(bare_cr, 400, "a CR is not followed by LF"),
    ROW(control_character, 400, "a field holds a control character"),
    ROW(obsolete_folding, 400, "a field is continued on the next line"),
    ROW(leading_whitespace, 400, "white space stands before the first field"),
    ROW(space_before_colon, 400, "white space stands between a field's name and its colon"),
    ROW(colon_missing, 400, "a field has no colon"),
    ROW(field_name_invalid, 400, "a field's name is not a token"),
    ROW(too_many_fields, 431, "the message has more fields than the limit"),
    ROW(head_too_large, 431, "the head is larger than the limit"),
    ROW(host_missing, 400, "the request names no host"),
    ROW(host_repeated, 400, "the request has several host fields"),
    ROW(host_invalid, 400, "the host is not a host name with an optional port"),
    ROW(expectation_unknown, 417, "the expectation is not 100-continue"),
    ROW(length_invalid, 400, "the content-length is not a plain decimal number"),
    ROW(length_repeated, 400, "the message has several content-length values"),
    ROW(length_with_coding, 400, "the message has both content-length and transfer-encoding"),
    ROW(coding_not_chunked_last, 400,
        "the last transfer coding is not chunked, or chunked stands twice"),
    ROW(coding_unknown, 501, "a transfer coding other than chunked is applied"),
    ROW(coding_before_http11, 400, "an HTTP/1.0 message has a transfer coding"),
    ROW(chunk_size_invalid, 400, "a chunk's size is not a plain hexadecimal number"),
    ROW(chunk_size_overflow, 400, "a chunk's size is too big to be true"),
    ROW(chunk_extension_invalid, 400, "a chunk's extension holds an illegal character"),
    ROW(chunk_line_too_long, 400, "a chunk's size line is longer than the limit"),
    ROW(chunk_end_missing, 400, "a chunk's data is not followed by CRLF"),
    ROW(trailers_too_large, 400, "the trailers are larger than the limit"),
    ROW(body_too_large, 413, "the body is larger than the limit"),
    ROW(upgrade_unasked, 502, "the origin switches protocols without having been asked"),
    ROW(too_many_interim, 502, "the origin sends interim responses without end"),
    ROW(bytes_after_message, 502, "the origin sends bytes that belong to no response"),
};
#undef ROW

constexpr bool in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (static_cast<std::size_t>(kRows[i].refusal) != i) return false;
  }
  return true;
}
static_assert(in_order(),
              "the table has one row for each refusal, in the order of the enumeration");

const Row& row_of(Refusal refusal) { return kRows[static_cast<std::size_t>(refusal)]; }

bool is_a_limit(Refusal refusal) {
  switch (refusal) {
    case Refusal::target_too_long:
    case Refusal::too_many_fields:
    case Refusal::head_too_large:
    case Refusal::chunk_line_too_long:
    case Refusal::trailers_too_large:
    case Refusal::body_too_large:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::string_view name_of(Refusal refusal) { return row_of(refusal).name; }
std::string_view text_of(Refusal refusal) { return row_of(refusal).text; }
int status_of(Refusal refusal) { return row_of(refusal).status; }

Error to_error(Refusal refusal) {
  return {is_a_limit(refusal) ? Errc::too_large : Errc::protocol, std::string(text_of(refusal))};
}

}  // namespace mynah::http
