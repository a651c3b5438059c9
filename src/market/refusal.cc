// SPDX-License-Identifier: Apache-2.0
// The one table of refusals.
#include "market/refusal.h"

#include "base/text.h"

namespace mynah::market {
namespace {

struct Entry {
  const char* name;
  const char* remedy;
};

Entry entry_of(RefusalCode code) {
  using enum RefusalCode;
  switch (code) {
    case not_a_wasm_name:
      return {"not-a-wasm-name", "Send the compiled module; its file name ends in .wasm."};
    case not_webassembly:
      return {"not-webassembly",
              "Send the file that the compiler made for wasm32-wasi (wasip1), uncompressed and "
              "not in an archive."};
    case text_format:
      return {"text-format", "Assemble it first: wat2wasm plugin.wat -o plugin.wasm."};
    case component:
      return {"component", "Build a core module: target wasm32-wasip1, not wasip2."};
    case truncated:
      return {"truncated", "Send the whole file; compare its size or checksum with the original."};
    case malformed:
      return {"malformed",
              "Build the module anew; `wasm-validate` shows the same place. Features beyond "
              "WebAssembly 2.0 must be off."};
    case too_large:
      return {"too-large", "Strip debugging information: -Wl,--strip-all, or wasm-strip."};
    case too_much_memory:
      return {"too-much-memory", "Link with a smaller initial memory: -Wl,--initial-memory=BYTES."};
    case too_costly:
      return {"too-costly",
              "Make the module smaller or simpler: optimize for size (-Oz), split functions of "
              "many thousand instructions."};
    case unknown_abi:
      return {"unknown-abi",
              "Build with an SDK for Proxy-Wasm 0.1.0, 0.2.0, 0.2.1 or 0.2.100, as a reactor."};
    case unknown_import:
      return {"unknown-import",
              "Do not call that function, or link what defines it; docs/guide/plugin-author.md "
              "says what a host offers."};
    case wrong_import:
      return {"wrong-import", "Declare the function as the Proxy-Wasm specification does."};
    case missing_export:
      return {"missing-export",
              "Build as a reactor (-mexec-model=reactor) with the SDK's exports kept."};
    case wrong_export:
      return {"wrong-export", "Define the callback as the Proxy-Wasm specification does."};
    case does_not_start:
      return {"does-not-start",
              "Run it under `mynah plugin test`; start functions must end and must not need a "
              "service or a file."};
    case fails_on_its_example:
      return {"fails-on-its-example", "Correct the example in the identity, or the plug-in."};
    case bad_identity:
      return {"bad-identity",
              "Build with `mynah plugin build`, or make the custom section mynah.plugin a JSON "
              "object with fields of the documented types."};
    case missing_field:
      return {"missing-field", "Give the field, or build the plug-in with an identity."};
    case bad_id:
      return {"bad-id",
              "Use 2 to 64 lower-case letters, digits and hyphens; begin with a letter and do "
              "not end with a hyphen."};
    case bad_name:
      return {"bad-name", "Use plain text of at most the length that the sentence names."};
    case bad_version:
      return {"bad-version", "Use a version such as 1.2.3 or 1.2.3-rc.1."};
    case bad_stage:
      return {"bad-stage", "Use authn, authz, stats or default."};
    case bad_priority:
      return {"bad-priority",
              "Use a whole number from -1000000 to 1000000; multiples of ten leave room."};
    case not_for_this_gateway:
      return {"not-for-this-gateway",
              "Upgrade the gateway, or build the plug-in for this version of it."};
    case id_taken:
      return {"id-taken", "Choose another id, or let the owner of the plug-in publish."};
    case built_in:
      return {"built-in", "Choose an id that no built-in plug-in has."};
    case version_exists:
      return {"version-exists", "Published versions do not change: give this one a new version."};
  }
  return {"internal", ""};
}

}  // namespace

std::string_view name_of(RefusalCode code) { return entry_of(code).name; }
std::string_view remedy_of(RefusalCode code) { return entry_of(code).remedy; }

std::string text_of(const Refusal& refusal) {
  return cat(name_of(refusal.code), ": ", refusal.sentence,
             "\n  what to do: ", remedy_of(refusal.code));
}

}  // namespace mynah::market
