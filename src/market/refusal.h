// SPDX-License-Identifier: Apache-2.0
// Refusal: why the marketplace does not take what it was given: a code for programs, a sentence
// that says what is wrong with this very thing, and what to do about it. What goes wrong on the
// gateway's own side (its disk, its memory) is an Error instead.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mynah::market {

enum class RefusalCode : std::uint8_t {
  // The file.
  not_a_wasm_name,
  not_webassembly,
  text_format,
  component,
  truncated,
  malformed,
  too_large,
  too_much_memory,
  too_costly,
  // What it asks for and offers.
  unknown_abi,
  unknown_import,
  wrong_import,
  missing_export,
  wrong_export,
  // What it does.
  does_not_start,
  fails_on_its_example,
  // What is said about it.
  bad_identity,
  missing_field,
  bad_id,
  bad_name,
  bad_version,
  bad_stage,
  bad_priority,
  not_for_this_gateway,
  // What is here already.
  id_taken,
  built_in,
  version_exists,
};
// "not-webassembly".
std::string_view name_of(RefusalCode code);
// What somebody who meets this refusal does next, as a sentence.
std::string_view remedy_of(RefusalCode code);

struct Refusal {
  RefusalCode code{};
  std::string sentence;
};

// All of it as an operator reads it: the code, the sentence, and below it the remedy.
std::string text_of(const Refusal& refusal);

}  // namespace mynah::market
