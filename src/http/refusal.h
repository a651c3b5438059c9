// SPDX-License-Identifier: Apache-2.0
// Why bytes that claim to be HTTP are refused. Each reason has its own value, so that a test, a
// counter and a log line can tell them apart, a sentence for people, and the status that a server
// answers with before it closes.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace mynah::http {

enum class Refusal : std::uint8_t {
  none,

  // The first line.
  request_line_malformed,
  protocol_unknown,
  method_invalid,
  connect_refused,
  target_invalid,
  target_too_long,
  version_unsupported,
  status_line_malformed,
  status_invalid,

  // Lines and fields.
  bare_lf,
  bare_cr,
  control_character,
  obsolete_folding,
  leading_whitespace,
  space_before_colon,
  colon_missing,
  field_name_invalid,
  too_many_fields,
  head_too_large,

  // Fields that decide where a message goes.
  host_missing,
  host_repeated,
  host_invalid,
  expectation_unknown,

  // Fields that decide where a message ends.
  length_invalid,
  length_repeated,
  length_with_coding,
  coding_not_chunked_last,
  coding_unknown,
  coding_before_http11,

  // A chunked body.
  chunk_size_invalid,
  chunk_size_overflow,
  chunk_extension_invalid,
  chunk_line_too_long,
  chunk_end_missing,
  trailers_too_large,

  // The order of things.
  body_too_large,
  upgrade_unasked,
  too_many_interim,
  bytes_after_message,
};

// Derived from the last enumerator; the table of texts is checked against it.
inline constexpr std::size_t kRefusals = static_cast<std::size_t>(Refusal::bytes_after_message) + 1;

// The enumerator as it is spelt above, for counters and tests.
std::string_view name_of(Refusal refusal);
// A sentence for the administrator.
std::string_view text_of(Refusal refusal);
// 400, 413, 414, 417, 431, 501 or 505. Of no meaning for what only an origin can do wrong.
int status_of(Refusal refusal);

// The refusal as an error: protocol, or too_large where a limit was passed.
Error to_error(Refusal refusal);

}  // namespace mynah::http
