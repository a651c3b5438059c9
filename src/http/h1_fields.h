// SPDX-License-Identifier: Apache-2.0
// The field lines of an HTTP/1 head, taken apart in one pass over text that already lies in its
// Headers. Internal to the parser: h1.h is what others use.
// tidy: allow-file string_view: names in a table that lives as long as the program, and views into
// the head being parsed
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/headers.h"
#include "http/h1.h"
#include "http/limits.h"
#include "http/refusal.h"

namespace mynah::http {

// Fields that go on, and what the others said. Uninitialised storage for the fields, since it is
// big and short-lived.
class FieldBlock final {
 public:
  enum class Of : unsigned char { request, response, trailers };

  explicit FieldBlock(Of of) : of_(of) {}

  // [at, last) are whole lines; `last` points to the CRLF of the empty line. Names become
  // lower-case in place.
  Refusal parse(char* at, char* last, std::size_t count_max);

  // The facts that the fields told.
  bool host_seen = false;
  std::string_view host;
  bool length_seen = false;
  std::uint64_t length = 0;
  bool coded = false;  // transfer-encoding: chunked
  bool close = false;
  bool keep_alive = false;
  bool upgrade_named = false;  // by the connection field
  std::string_view upgrade;    // empty when there is none or more than one
  bool expects_continue = false;
  bool expects_else = false;

  // Drops what the connection fields named, then appends the rest to `headers`.
  Refusal hand_over(Headers& headers);

 private:
  Refusal parse_line(char*& at, char* last, std::size_t count_max);
  Refusal take(std::string_view name, std::string_view value, std::size_t count_max);
  Refusal take_special(std::string_view name, std::string_view value, bool& goes_on);
  Refusal take_length(std::string_view value);
  Refusal take_coding(std::string_view value);
  Refusal take_connection(std::string_view value);
  Refusal drop_named();
  void drop(std::string_view named);

  static constexpr std::size_t kConnectionFieldsMax = 8;
  static constexpr std::size_t kConnectionMembersMax = 64;

  const Of of_;
  std::size_t lines_ = 0;
  std::size_t count_ = 0;
  std::size_t connections_ = 0;
  std::size_t upgrades_ = 0;
  bool names_others_ = false;
  bool coding_seen_ = false;
  std::array<std::string_view, kConnectionFieldsMax> connection_;
  union {
    std::array<Headers::Field, kFieldsMax> fields_;
  };
};

}  // namespace mynah::http
