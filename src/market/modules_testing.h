// SPDX-License-Identifier: Apache-2.0
// Modules for tests, put together from the text format, and an inspector with all that it needs.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "market/inspection.h"

namespace mynah::market {

// "(module " text ")" as bytes.
std::string module(std::string_view text);
// The same with what every plug-in has: a version, a memory, an allocator. Imports come first in
// `text`.
std::string plugin(std::string_view text = "");
std::string with_identity(std::string_view json, std::string_view text = "");
void append_custom(std::string& wasm, std::string_view name, std::string_view content);
// One that takes a compiler minutes.
std::string costly_plugin();

struct Place {
  std::size_t at = 0;       // Of a section's number …
  std::size_t size_at = 0;  // … of its size …
  std::size_t end = 0;      // … and behind its last byte.
};
std::vector<Place> sections_of(std::string_view wasm);

// A folder for one test, gone with the object.
class TemporaryFolder final {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class Workshop final {
 public:
  explicit Workshop(wasm::CompileLimits limits = {});

  const Inspector& inspector() const { return *inspector_; }
  const wasm::ModuleCache& modules() const { return *modules_; }
  const std::string& folder() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<wasm::ModuleCache> modules_;
  std::unique_ptr<Inspector> inspector_;
};

}  // namespace mynah::market
