// SPDX-License-Identifier: Apache-2.0
// Checks a module, compiles it, and resolves its imports once for all machines.
#include "wasm/module.h"

#include <array>
#include <utility>

#include <openssl/evp.h>

#include "abi/abi.h"
#include "abi/callbacks.h"
#include "base/text.h"
#include "wasm/engine_parts.h"
#include "wasm/imports.h"

namespace mynah::wasm {
namespace {

Error cannot_run(std::string why) { return {Errc::unsupported, std::move(why)}; }

Status check_imports(const Binary& binary, Flaw& flaw) {
  for (const Binary::Import& import : binary.imports) {
    const std::string named = cat(import.module, ".", import.name);
    flaw = Flaw::unknown_import;
    if (!import.function) {
      return cannot_run(cat("imports ", named, ", which is not a function"));
    }
    const HostFunction* const function = find_host_function(import.module, import.name);
    if (function == nullptr) {
      return cannot_run(cat("imports ", named, ", which this host does not have"));
    }
    if (*import.function != function->signature) {
      flaw = Flaw::wrong_import;
      return cannot_run(cat("imports ", named, " as ", to_text(*import.function), ", which is ",
                            to_text(function->signature), " here"));
    }
  }
  return ok();
}

Status check_export(const Binary& binary, std::string_view name, const Signature& signature) {
  const Binary::Export* const found = binary.find_export(name);
  if (found == nullptr) return ok();
  if (!found->function) return cannot_run(cat("exports ", name, ", which is not a function"));
  if (*found->function == signature) return ok();
  return cannot_run(cat("exports ", name, " as ", to_text(*found->function), ", which must be ",
                        to_text(signature)));
}

Status check_callbacks(const Binary& binary) {
  for (const abi::CallbackShape& shape : abi::kCallbackShapes) {
    Signature signature{std::string(shape.parameters, 'i'), shape.answers ? "i" : ""};
    if (check_export(binary, shape.name, signature)) continue;
    if (shape.shorter_in_0_1_0) signature.parameters.pop_back();
    MYNAH_OK(check_export(binary, shape.name, signature));
  }
  return ok();
}

Result<AbiVersion> version_of(const Binary& binary) {
  constexpr std::pair<std::string_view, AbiVersion> kVersions[] = {
      {abi::kVersion_0_2_100, AbiVersion::v0_2_100},
      {abi::kVersion_0_2_1, AbiVersion::v0_2_1},
      {abi::kVersion_0_2_0, AbiVersion::v0_2_0},
      {abi::kVersion_0_1_0, AbiVersion::v0_1_0},
  };
  for (const auto& [marker, version] : kVersions) {
    if (binary.find_export(marker) != nullptr) return version;
  }
  for (const Binary::Export& item : binary.exports) {
    if (item.name.starts_with("proxy_abi_version_")) {
      return cannot_run(
          cat("speaks a version of Proxy-Wasm that this host does not know: ", item.name));
    }
  }
  return cannot_run(
      "not a Proxy-Wasm plug-in: exports no proxy_abi_version_0_2_1 (nor 0_1_0, 0_2_0, 0_2_100)");
}

}  // namespace

std::string_view name_of(AbiVersion version) {
  switch (version) {
    case AbiVersion::v0_1_0:
      return "0.1.0";
    case AbiVersion::v0_2_0:
      return "0.2.0";
    case AbiVersion::v0_2_1:
      return "0.2.1";
    case AbiVersion::v0_2_100:
      return "0.2.100";
  }
  return "unknown";
}

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, 32> digest{};
  unsigned size = 0;
  MYNAH_CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) ==
              1);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

Result<AbiVersion> check_module(const Binary& binary, Flaw* why) {
  Flaw ignored;
  Flaw& flaw = why == nullptr ? ignored : *why;
  flaw = Flaw::unknown_abi;
  MYNAH_LET(const AbiVersion version, version_of(binary));
  MYNAH_OK(check_imports(binary, flaw));
  flaw = Flaw::missing_export;
  const Binary::Export* const memory = binary.find_export(abi::kMemory);
  if (memory == nullptr || !memory->memory) return cannot_run("exports no memory named \"memory\"");
  if (binary.find_export(abi::kAllocate) == nullptr &&
      binary.find_export(abi::kMalloc) == nullptr) {
    return cannot_run("exports neither proxy_on_memory_allocate nor malloc");
  }
  flaw = Flaw::wrong_export;
  MYNAH_OK(check_export(binary, abi::kAllocate, {"i", "i"}));
  if (binary.find_export(abi::kAllocate) == nullptr) {
    MYNAH_OK(check_export(binary, abi::kMalloc, {"i", "i"}));
  }
  MYNAH_OK(check_export(binary, abi::kInitialize, {"", ""}));
  MYNAH_OK(check_export(binary, abi::kStart, {"", ""}));
  MYNAH_OK(check_callbacks(binary));
  return version;
}

Result<std::unique_ptr<Module>> Module::checked(std::string_view wasm) {
  if (wasm.size() > kMaxBytes) {
    return Error{Errc::too_large,
                 cat("a module of ", wasm.size(), " bytes; the limit is ", kMaxBytes)};
  }
  MYNAH_LET(Binary binary, parse_binary(wasm));
  MYNAH_LET(const AbiVersion version, check_module(binary));
  // The constructor is private. tidy: allow new: owned at once
  std::unique_ptr<Module> module(new Module());
  module->parts_ = std::make_unique<Parts>();
  module->abi_version_ = version;
  module->binary_ = std::move(binary);
  module->sha256_ = sha256_hex(wasm);
  module->bytes_ = wasm.size();
  return module;
}

// Resolves the imports. After check_module this cannot fail for a reason that lies in the module.
Status Module::link(Engine& engine) {
  parts_->engine = engine.parts().engine.get();
  wasmtime_instance_pre_t* linked = nullptr;
  wasmtime_error_t* const error =
      wasmtime_linker_instantiate_pre(engine.parts().linker.get(), parts_->module.get(), &linked);
  if (error != nullptr) return cannot_run(take_message(error));
  parts_->linked.reset(linked);
  return ok();
}

Result<std::shared_ptr<const Module>> Module::compile(Engine& engine, std::string_view wasm) {
  MYNAH_LET(std::unique_ptr<Module> module, checked(wasm));
  wasmtime_module_t* compiled = nullptr;
  wasmtime_error_t* const error = wasmtime_module_new(
      engine.parts().engine.get(), reinterpret_cast<const std::uint8_t*>(wasm.data()), wasm.size(),
      &compiled);
  if (error != nullptr) {
    return Error{Errc::invalid_argument, cat("invalid module: ", take_message(error))};
  }
  module->parts_->module.reset(compiled);
  MYNAH_OK(module->link(engine));
  return std::shared_ptr<const Module>(std::move(module));
}

Result<std::shared_ptr<const Module>> Module::load(Engine& engine, std::string_view wasm,
                                                   const std::string& native_path) {
  MYNAH_LET(std::unique_ptr<Module> module, checked(wasm));
  wasmtime_module_t* loaded = nullptr;
  wasmtime_error_t* const error =
      wasmtime_module_deserialize_file(engine.parts().engine.get(), native_path.c_str(), &loaded);
  if (error != nullptr) {
    return Error{Errc::unsupported,
                 cat("compiled code in ", native_path, ": ", take_message(error))};
  }
  module->parts_->module.reset(loaded);
  MYNAH_OK(module->link(engine));
  return std::shared_ptr<const Module>(std::move(module));
}

Module::~Module() = default;

Result<std::string> Module::serialize() const {
  wasm_byte_vec_t bytes;
  wasmtime_error_t* const error = wasmtime_module_serialize(parts_->module.get(), &bytes);
  if (error != nullptr) return Error{Errc::internal, take_message(error)};
  std::string native(bytes.data, bytes.size);
  wasm_byte_vec_delete(&bytes);
  return native;
}

}  // namespace mynah::wasm
