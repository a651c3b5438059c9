// SPDX-License-Identifier: Apache-2.0
// Binary: what a .wasm file says about itself, read without compiling it: imports, exports, memory,
// custom sections. Only the outer form is checked here; whether the code is valid is for the engine
// to say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wasm/flaw.h"

namespace mynah::wasm {

// A function's type, a letter a value: i and I are 32- and 64-bit integers, f and F floats, v
// vectors, r references.
struct Signature {
  std::string parameters;
  std::string results;

  friend bool operator==(const Signature&, const Signature&) = default;
};
// "(i32, i32) -> i32"
std::string to_text(const Signature& signature);

struct Binary {
  struct Import {
    std::string module;
    std::string name;
    std::optional<Signature> function;  // none: it is a memory, a table, a global or a tag
  };
  struct Export {
    std::string name;
    std::optional<Signature> function;
    bool memory = false;
  };
  struct Section {
    std::string name;
    std::size_t offset = 0;  // of its content, in the file
    std::size_t size = 0;
  };

  std::vector<Import> imports;
  std::vector<Export> exports;
  std::vector<Section> custom_sections;
  std::uint64_t memory_pages = 0;
  std::optional<std::uint64_t> memory_pages_max;
  std::size_t functions = 0;
  std::size_t code_bytes = 0;

  [[nodiscard]] const Export* find_export(std::string_view name) const;
  [[nodiscard]] const Section* find_custom(std::string_view name) const;
};

// Errc::invalid_argument, with the offset at which the file stops making sense, or with what the
// file is instead; `flaw`, if given, says of which kind that is.
Result<Binary> parse_binary(std::string_view wasm, Flaw* flaw = nullptr);

}  // namespace mynah::wasm
