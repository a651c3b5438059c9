// SPDX-License-Identifier: Apache-2.0
// Regular expressions on RE2.
#include "gateway/pattern.h"

#include <re2/re2.h>

#include "base/check.h"

namespace mynah {
namespace {

constexpr int kProgramBytesMax = 1 << 20;

re2::RE2::Options options() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kProgramBytesMax);
  return options;
}

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

Pattern::Pattern(std::string_view expression)
    : expression_(std::make_unique<re2::RE2>(piece(expression), options())) {
  MYNAH_CHECK(expression_->ok());
}

Pattern::~Pattern() = default;

bool Pattern::matches_all_of(std::string_view text) const {
  return re2::RE2::FullMatch(piece(text), *expression_);
}

std::string Pattern::replace_all(std::string_view text, std::string_view replacement) const {
  std::string replaced(text);
  re2::RE2::GlobalReplace(&replaced, *expression_, piece(replacement));
  return replaced;
}

std::string Pattern::problem_of(std::string_view expression) {
  const re2::RE2 compiled(piece(expression), options());
  return compiled.ok() ? std::string() : compiled.error();
}

}  // namespace mynah
