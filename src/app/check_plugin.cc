// SPDX-License-Identifier: Apache-2.0
// The report on a module: read from its bytes, then started in an empty world.
#include "app/check_plugin.h"

#include <cstdio>
#include <utility>

#include "aio/files.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "wasm/inspect.h"
#include "wasm/module.h"

namespace mynah {
namespace {

void print_text(const std::string& path, const wasm::Inspection& found) {
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

void print_json(const wasm::Inspection& found) {
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
  json.member("runs", !found.refusal.has_value());
  if (found.refusal) json.member("refusal", found.refusal->what);
  json.end_object();
  std::puts(std::move(json).take().c_str());  // tidy: allow printf: the command's answer
}

}  // namespace

Status check_plugin(const std::string& path, Format format) {
  MYNAH_LET(const std::string bytes, read_file(path, wasm::Module::kMaxBytes));
  const wasm::Inspection found = wasm::inspect(bytes);
  if (format == Format::json) {
    print_json(found);
  } else {
    print_text(path, found);
  }
  if (found.refusal) return Error{*found.refusal}.within(cat(path, " does not run here"));
  MYNAH_LET(auto engine, wasm::Engine::create());
  MYNAH_LET(auto module, wasm::Module::compile(*engine, bytes));
  auto started = wasm::try_start(std::move(module));
  if (!started) return std::move(started).error().within(cat(path, " does not start"));
  return ok();
}

}  // namespace mynah
