// SPDX-License-Identifier: Apache-2.0
// From the cheapest look at a file to the dearest; the first that finds something ends it.
#include "market/inspection.h"

#include <utility>

#include "base/text.h"

namespace mynah::market {
namespace {

RefusalCode code_of(wasm::Flaw flaw) {
  switch (flaw) {
    case wasm::Flaw::not_wasm:
      return RefusalCode::not_webassembly;
    case wasm::Flaw::text_format:
      return RefusalCode::text_format;
    case wasm::Flaw::component:
      return RefusalCode::component;
    case wasm::Flaw::truncated:
      return RefusalCode::truncated;
    case wasm::Flaw::malformed:
      return RefusalCode::malformed;
    case wasm::Flaw::unknown_abi:
      return RefusalCode::unknown_abi;
    case wasm::Flaw::unknown_import:
      return RefusalCode::unknown_import;
    case wasm::Flaw::wrong_import:
      return RefusalCode::wrong_import;
    case wasm::Flaw::missing_export:
      return RefusalCode::missing_export;
    case wasm::Flaw::wrong_export:
      return RefusalCode::wrong_export;
    case wasm::Flaw::too_large:
      return RefusalCode::too_large;
    case wasm::Flaw::too_much_memory:
      return RefusalCode::too_much_memory;
  }
  return RefusalCode::malformed;
}

// What the compiler says of a file that has the right outer form. Everything else that can go wrong
// there is the gateway's own affair.
std::optional<RefusalCode> compile_refusal(Errc code) {
  switch (code) {
    case Errc::invalid_argument:
      return RefusalCode::malformed;
    case Errc::exhausted:
      return RefusalCode::too_costly;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<Refusal> check_file_name(std::string_view name) {
  constexpr std::string_view kEnding = ".wasm";
  if (name.size() > kEnding.size() && iequals(name.substr(name.size() - kEnding.size()), kEnding)) {
    return std::nullopt;
  }
  return Refusal{RefusalCode::not_a_wasm_name,
                 cat("\"", utf8_prefix(name, 80), "\" is not the name of a .wasm file")};
}

Inspector::Inspector(const wasm::ModuleCache& modules, std::string gateway_version,
                     wasm::Limits limits)
    : modules_(modules), gateway_version_(std::move(gateway_version)), limits_(limits) {}

Result<Inspection> Inspector::inspect(std::string_view bytes) const {
  Inspection found;
  found.file = wasm::inspect(bytes, limits_);
  if (found.file.refusal) {
    found.refusal = Refusal{code_of(found.file.flaw), found.file.refusal->what};
    return found;
  }
  if (found.file.identity) {
    auto identity = read_identity(*found.file.identity);
    if (!identity) {
      found.refusal =
          Refusal{RefusalCode::bad_identity,
                  cat("the section mynah.plugin cannot be read: ", identity.error().what)};
      return found;
    }
    found.identity = *std::move(identity);
    found.refusal = check_identity(*found.identity, gateway_version_);
    if (found.refusal) return found;
  }

  auto module = modules_.get(bytes);
  if (!module) {
    const auto code = compile_refusal(module.error().code);
    if (!code) return std::move(module).error();
    found.refusal = Refusal{*code, module.error().what};
    return found;
  }
  const auto started = wasm::try_start(*module, limits_);
  if (!started) {
    found.refusal = Refusal{RefusalCode::does_not_start, started.error().what};
    return found;
  }
  found.memory_bytes = *started;
  if (!found.identity || !found.identity->example) return found;
  const Status taken = wasm::try_configure(*module, *found.identity->example, limits_);
  if (!taken) {
    found.refusal = Refusal{RefusalCode::fails_on_its_example, taken.error().what};
  }
  return found;
}

}  // namespace mynah::market
