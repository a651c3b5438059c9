// SPDX-License-Identifier: Apache-2.0
// The report on a module, as the marketplace's inspection finds it.
#include "app/check_plugin.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "aio/files.h"
#include "app/program_path.h"
#include "app/ticker.h"
#include "app/version.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "market/inspection.h"
#include "wasm/module.h"

namespace mynah {
namespace {

namespace fs = std::filesystem;

// Where compiled code lies while the module is looked at.
class Scratch final {
 public:
  static Result<Scratch> make() {
    std::string path = (fs::temp_directory_path() / "mynah-check-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) {
      return Error{Errc::unavailable,
                   cat("cannot make a folder in ", fs::temp_directory_path().string())};
    }
    return Scratch(std::move(path));
  }
  Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit Scratch(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

void print_text(const std::string& path, const market::Inspection& inspection) {
  const wasm::Inspection& found = inspection.file;
  std::string text = cat(path, "\n");
  append(text, "  size        ", found.bytes, " bytes\n");
  append(text, "  sha256      ", found.sha256, "\n");
  append(text, "  language    ", found.language.empty() ? "unknown" : found.language, "\n");
  append(text, "  ABI         ", found.abi ? wasm::name_of(*found.abi) : "none that is known",
         "\n");
  append(text, "  memory      ", found.memory_pages * 64, " KiB at the start\n");
  append(text, "  functions   ", found.functions, "\n");
  append(text, "  imports     ", join(found.imports, " "), "\n");
  append(text, "  callbacks   ", join(found.callbacks, " "), "\n");
  if (found.identity) append(text, "  identity    ", *found.identity, "\n");
  std::fputs(text.c_str(), stdout);  // tidy: allow printf: the command's answer
}

void print_json(const market::Inspection& inspection) {
  const wasm::Inspection& found = inspection.file;
  JsonWriter json;
  json.begin_object();
  json.member("bytes", found.bytes)
      .member("sha256", found.sha256)
      .member("language", found.language);
  json.member("abi", found.abi ? wasm::name_of(*found.abi) : "")
      .member("memory_pages", found.memory_pages);
  json.member("functions", found.functions);
  json.key("imports").begin_array();
  for (const std::string& import : found.imports) json.value(import);
  json.end_array().key("callbacks").begin_array();
  for (const std::string& callback : found.callbacks) json.value(callback);
  json.end_array();
  if (found.identity) json.member("identity", *found.identity);
  json.member("runs", !inspection.refusal.has_value());
  if (inspection.refusal) {
    json.key("refusal").begin_object();
    json.member("code", name_of(inspection.refusal->code))
        .member("message", inspection.refusal->sentence)
        .member("remedy", remedy_of(inspection.refusal->code));
    json.end_object();
  }
  json.end_object();
  std::puts(std::move(json).take().c_str());  // tidy: allow printf: the command's answer
}

}  // namespace

Status check_plugin(const std::string& path, Format format) {
  MYNAH_LET(const std::string bytes, read_file(path, wasm::Module::kMaxBytes + 1));
  MYNAH_LET(const Scratch scratch, Scratch::make());
  MYNAH_LET(const auto engine, wasm::Engine::create());
  const Ticker ticker(*engine);
  wasm::ModuleCache::Settings settings;
  settings.folder = scratch.path();
  settings.compiler = {program_path().string(), "compile-module"};
  const wasm::ModuleCache modules(*engine, std::move(settings));
  MYNAH_LET(const auto found, market::Inspector(modules, kVersion).inspect(bytes));
  if (format == Format::json) {
    print_json(found);
  } else {
    print_text(path, found);
  }
  const auto named = market::check_file_name(fs::path(path).filename().string());
  const auto& refusal = found.refusal ? found.refusal : named;
  if (!refusal) return ok();
  return Error{Errc::invalid_argument,
               cat(path, " does not run here\n", market::text_of(*refusal))};
}

}  // namespace mynah
