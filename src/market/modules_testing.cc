// SPDX-License-Identifier: Apache-2.0
// Modules for tests.
#include "market/modules_testing.h"

#include <cstdlib>
#include <filesystem>

#include "base/text.h"
#include "wasm/world_testing.h"

namespace mynah::market {
namespace {

constexpr std::size_t kOneByte = 0x80;

std::string leb128(std::size_t number) {
  std::string bytes;
  for (; number >= kOneByte; number >>= 7U) {
    bytes += static_cast<char>((number & 0x7fU) | kOneByte);
  }
  return bytes += static_cast<char>(number);
}

}  // namespace

std::string module(std::string_view text) { return wasm::assemble(cat("(module ", text, ")")); }

std::string plugin(std::string_view text) {
  return module(cat(text,
                    "(memory (export \"memory\") 1)"
                    "(func (export \"proxy_abi_version_0_2_1\"))"
                    "(func (export \"malloc\") (param i32) (result i32) (i32.const 1024))"));
}

std::string with_identity(std::string_view json, std::string_view text) {
  std::string wasm = plugin(text);
  append_custom(wasm, "mynah.plugin", json);
  return wasm;
}

void append_custom(std::string& wasm, std::string_view name, std::string_view content) {
  const std::string length = leb128(name.size());
  append(wasm, '\0', leb128(length.size() + name.size() + content.size()), length, name, content);
}

// Thousands of values that live through thousands of branches.
std::string costly_plugin() {
  std::string body;
  for (int i = 0; i < 8'000; ++i) {
    append(body, "(local.set ", i % 1'000, " (i64.mul (local.get ", (i * 7 + 1) % 1'000,
           ") (local.get ", (i * 13 + 5) % 1'000, "))) (br_if ", i % 2, " (i64.eqz (local.get ",
           i % 1'000, ")))");
  }
  std::string functions;
  std::string locals;
  for (int i = 0; i < 1'000; ++i) locals += " i64";
  for (int i = 0; i < 24; ++i) {
    append(functions, "(func (local", locals, ") (loop (block ", body, ")))");
  }
  return plugin(functions);
}

std::vector<Place> sections_of(std::string_view wasm) {
  std::vector<Place> places;
  for (std::size_t at = 8; at < wasm.size();) {
    Place place{at, at + 1, at + 1};
    std::size_t size = 0;
    unsigned shift = 0;
    unsigned char byte = 0;
    do {
      byte = static_cast<unsigned char>(wasm[place.end++]);
      size |= std::size_t{byte & 0x7fU} << shift;
      shift += 7;
    } while (byte >= kOneByte);
    at = place.end += size;
    places.push_back(place);
  }
  return places;
}

TemporaryFolder::TemporaryFolder() {
  path_ = (std::filesystem::temp_directory_path() / "mynah-market-XXXXXX").string();
  MYNAH_CHECK(::mkdtemp(path_.data()) != nullptr);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Workshop::Workshop(wasm::CompileLimits limits) {
  // A process that the sanitizers watch takes terabytes of addresses.
  limits.memory_bytes = 0;
  wasm::ModuleCache::Settings settings;
  settings.folder = folder_.path();
  settings.compiler = {MYNAH_TEST_COMPILER};
  settings.limits = limits;
  modules_ = std::make_unique<wasm::ModuleCache>(wasm::test_engine(), std::move(settings));
  wasm::Limits of_machine;
  of_machine.start_time = std::chrono::milliseconds(200);
  inspector_ = std::make_unique<Inspector>(*modules_, "0.1.0", of_machine);
}

}  // namespace mynah::market
