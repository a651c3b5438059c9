// SPDX-License-Identifier: Apache-2.0
// Reads the outer form of a WebAssembly file:
//
//   file    := "\0asm" version(4) section*
//   section := id(1) size(leb128) content
//
// Only the sections for types, imports, functions, memories, exports and custom data are looked
// into. Counts are never trusted for allocation: every item costs at least a byte of input.
#include "wasm/binary.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace mynah::wasm {
namespace {

constexpr std::string_view kMagic{"\0asm", 4};
constexpr std::string_view kModuleVersion{"\1\0\0\0", 4};
constexpr std::size_t kMaxItems = 1'000'000;
constexpr std::size_t kMaxSignatureValues = 1'000;
constexpr const char* kUnexpectedEnd = "unexpected end";

// Takes numbers and names off the front; the first thing that cannot be taken makes it fail for
// good, and all later takes yield nothing.
class Reader final {
 public:
  Reader(std::string_view bytes, std::size_t offset) : bytes_(bytes), offset_(offset) {}

  [[nodiscard]] bool failed() const { return failure_ != nullptr; }
  [[nodiscard]] bool at_end() const { return failed() || bytes_.empty(); }
  [[nodiscard]] std::size_t offset() const { return offset_; }
  [[nodiscard]] Error error() const {
    return {Errc::invalid_argument, cat("malformed module: ", failure_, " at offset ", offset_)};
  }
  // Whether it failed because there is no more.
  [[nodiscard]] bool ended_early() const { return failed() && failure_ == kUnexpectedEnd; }
  void fail(const char* why) {
    if (!failed()) failure_ = why;
  }

  std::uint8_t byte() {
    if (failed()) return 0;
    if (bytes_.empty()) {
      fail(kUnexpectedEnd);
      return 0;
    }
    const auto value = static_cast<std::uint8_t>(bytes_.front());
    skip(1);
    return value;
  }

  std::uint64_t number(int bits = 32) {
    std::uint64_t value = 0;
    for (int shift = 0; shift < bits; shift += 7) {
      const std::uint8_t part = byte();
      value |= static_cast<std::uint64_t>(part & 0x7f) << shift;
      if ((part & 0x80) == 0) return value;
    }
    fail("number too long");
    return 0;
  }

  // A number of items that follow; each takes at least one byte.
  std::size_t count() {
    const std::uint64_t items = number();
    if (items > bytes_.size() || items > kMaxItems) fail("more items than bytes");
    return failed() ? 0 : static_cast<std::size_t>(items);
  }

  std::string_view take(std::size_t size) {
    if (failed()) return {};
    if (size > bytes_.size()) {
      fail(kUnexpectedEnd);
      return {};
    }
    const std::string_view taken = bytes_.substr(0, size);
    skip(size);
    return taken;
  }

  std::string name() {
    const std::string_view text = take(static_cast<std::size_t>(number()));
    if (!is_utf8(text)) fail("name that is not UTF-8");
    return failed() ? std::string() : std::string(text);
  }

 private:
  void skip(std::size_t size) {
    bytes_.remove_prefix(size);
    offset_ += size;
  }

  // tidy: allow string_view: lives no longer than the call
  std::string_view bytes_;
  std::size_t offset_;
  const char* failure_ = nullptr;
};

struct Limits {
  std::uint64_t min = 0;
  std::optional<std::uint64_t> max;
};

Limits read_limits(Reader& in) {
  const std::uint8_t flags = in.byte();
  Limits limits{in.number(64), {}};
  if ((flags & 1) != 0) limits.max = in.number(64);
  return limits;
}

char letter_of(std::uint8_t type) {
  switch (type) {
    case 0x7f:
      return 'i';
    case 0x7e:
      return 'I';
    case 0x7d:
      return 'f';
    case 0x7c:
      return 'F';
    case 0x7b:
      return 'v';
    default:
      return 'r';
  }
}

// References with a heap type of their own take a second number.
char read_value_type(Reader& in) {
  const std::uint8_t type = in.byte();
  if (type == 0x63 || type == 0x64) in.number(33);
  return letter_of(type);
}

std::string read_value_types(Reader& in) {
  const std::size_t values = in.count();
  if (values > kMaxSignatureValues) in.fail("function type with too many values");
  std::string letters;
  for (std::size_t i = 0; i < values && !in.failed(); ++i) letters += read_value_type(in);
  return letters;
}

// What the sections say, put together while reading.
struct Draft {
  Binary binary;
  std::vector<Signature> types;
  std::vector<std::size_t> functions;  // the type of each, imported ones first

  std::optional<Signature> signature_of(std::uint64_t function) const {
    if (function >= functions.size() || functions[function] >= types.size()) return std::nullopt;
    return types[functions[function]];
  }
};

void read_types(Reader& in, Draft& draft) {
  const std::size_t types = in.count();
  for (std::size_t i = 0; i < types && !in.failed(); ++i) {
    if (in.byte() != 0x60) return in.fail("type that is not a function's");
    Signature signature;
    signature.parameters = read_value_types(in);
    signature.results = read_value_types(in);
    draft.types.push_back(std::move(signature));
  }
}

void read_memory(Reader& in, Draft& draft) {
  const Limits limits = read_limits(in);
  draft.binary.memory_pages = limits.min;
  draft.binary.memory_pages_max = limits.max;
}

void read_imports(Reader& in, Draft& draft) {
  const std::size_t imports = in.count();
  for (std::size_t i = 0; i < imports && !in.failed(); ++i) {
    Binary::Import import;
    import.module = in.name();
    import.name = in.name();
    switch (in.byte()) {
      case 0: {
        const auto type = static_cast<std::size_t>(in.number());
        if (type >= draft.types.size()) return in.fail("import of an unknown type");
        draft.functions.push_back(type);
        import.function = draft.types[type];
        break;
      }
      case 1:
        read_value_type(in);
        read_limits(in);
        break;
      case 2:
        read_memory(in, draft);
        break;
      case 3:
        read_value_type(in);
        in.byte();
        break;
      case 4:
        in.byte();
        in.number();
        break;
      default:
        return in.fail("import of an unknown kind");
    }
    if (!in.failed()) draft.binary.imports.push_back(std::move(import));
  }
}

void read_functions(Reader& in, Draft& draft) {
  const std::size_t functions = in.count();
  for (std::size_t i = 0; i < functions && !in.failed(); ++i) {
    draft.functions.push_back(static_cast<std::size_t>(in.number()));
  }
  draft.binary.functions = functions;
}

void read_memories(Reader& in, Draft& draft) {
  const std::size_t memories = in.count();
  for (std::size_t i = 0; i < memories && !in.failed(); ++i) read_memory(in, draft);
}

void read_exports(Reader& in, Draft& draft) {
  const std::size_t exports = in.count();
  for (std::size_t i = 0; i < exports && !in.failed(); ++i) {
    Binary::Export item;
    item.name = in.name();
    const std::uint8_t kind = in.byte();
    const std::uint64_t index = in.number();
    if (kind > 4) return in.fail("export of an unknown kind");
    if (kind == 0) {
      item.function = draft.signature_of(index);
      if (!item.function) return in.fail("export of an unknown function");
    }
    item.memory = kind == 2;
    if (!in.failed()) draft.binary.exports.push_back(std::move(item));
  }
}

// The sections whose order is prescribed; custom sections may stand anywhere. Of the others,
// their place: tags lie between memories and globals, the data count before the code.
int place_of(std::uint8_t id) {
  constexpr int kPlaces[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 11, 6};
  return id < std::size(kPlaces) ? kPlaces[id] : -1;
}

void read_section(std::uint8_t id, Reader& in, std::size_t size, Draft& draft) {
  switch (id) {
    case 0: {
      const std::size_t start = in.offset();
      Binary::Section section;
      section.name = in.name();
      section.offset = in.offset();
      section.size = size - (in.offset() - start);
      if (!in.failed()) draft.binary.custom_sections.push_back(std::move(section));
      return;
    }
    case 1:
      return read_types(in, draft);
    case 2:
      return read_imports(in, draft);
    case 3:
      return read_functions(in, draft);
    case 5:
      return read_memories(in, draft);
    case 7:
      return read_exports(in, draft);
    case 10:
      draft.binary.code_bytes = size;
      return;
    default:
      return;
  }
}

bool looks_like_text(std::string_view bytes) {
  const std::string_view start = trim(bytes.substr(0, 4096));
  return start.starts_with("(module") || start.starts_with("(component") ||
         start.starts_with(";;") || start.starts_with("(;");
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (!text.empty()) text += ' ';
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

// Says what the file is if it is not a module.
Status check_preamble(std::string_view wasm, Flaw& flaw) {
  if (!wasm.starts_with(kMagic)) {
    flaw = Flaw::not_wasm;
    if (wasm.empty()) return Error{Errc::invalid_argument, "not WebAssembly: the file is empty"};
    if (kMagic.starts_with(wasm)) flaw = Flaw::truncated;
    if (looks_like_text(wasm)) {
      flaw = Flaw::text_format;
      return Error{Errc::invalid_argument,
                   "WebAssembly in its text format is not taken: assemble it first"};
    }
    return Error{Errc::invalid_argument, cat("not WebAssembly: begins with the bytes ",
                                             hex(wasm.substr(0, 8)), ", not 00 61 73 6d")};
  }
  const std::string_view version = wasm.substr(4, 4);
  if (version.size() < 4) {
    flaw = Flaw::truncated;
    return Error{Errc::invalid_argument,
                 cat("malformed module: unexpected end at offset ", wasm.size())};
  }
  if (version == std::string_view("\x0d\0\1\0", 4)) {
    flaw = Flaw::component;
    return Error{Errc::unsupported,
                 "a WebAssembly component, not a module: build the plug-in as a module "
                 "(wasm32-wasi preview 1, not wasip2)"};
  }
  if (version != kModuleVersion) {
    flaw = Flaw::malformed;
    return Error{Errc::unsupported,
                 cat("WebAssembly of an unknown version: ", hex(version), " at offset 4")};
  }
  return ok();
}

std::string types_text(std::string_view letters) {
  constexpr std::pair<char, std::string_view> kNames[] = {
      {'i', "i32"}, {'I', "i64"}, {'f', "f32"}, {'F', "f64"}, {'v', "v128"}, {'r', "ref"}};
  std::string text;
  for (const char letter : letters) {
    if (!text.empty()) text += ", ";
    for (const auto& [known, name] : kNames) {
      if (known == letter) text += name;
    }
  }
  return text;
}

}  // namespace

std::string to_text(const Signature& signature) {
  return cat("(", types_text(signature.parameters), ") -> ",
             signature.results.empty() ? "nothing" : types_text(signature.results));
}

const Binary::Export* Binary::find_export(std::string_view name) const {
  const auto found =
      std::find_if(exports.begin(), exports.end(), [&](const Export& e) { return e.name == name; });
  return found == exports.end() ? nullptr : &*found;
}

const Binary::Section* Binary::find_custom(std::string_view name) const {
  const auto found = std::find_if(custom_sections.begin(), custom_sections.end(),
                                  [&](const Section& s) { return s.name == name; });
  return found == custom_sections.end() ? nullptr : &*found;
}

Result<Binary> parse_binary(std::string_view wasm, Flaw* why) {
  Flaw ignored;
  Flaw& flaw = why == nullptr ? ignored : *why;
  MYNAH_OK(check_preamble(wasm, flaw));
  Draft draft;
  Reader in(wasm.substr(8), 8);
  int last_place = 0;
  while (!in.at_end()) {
    const std::size_t start = in.offset();
    const std::uint8_t id = in.byte();
    const auto size = static_cast<std::size_t>(in.number());
    const std::size_t content_at = in.offset();
    const std::string_view content = in.take(size);
    flaw = in.ended_early() ? Flaw::truncated : Flaw::malformed;
    if (in.failed()) return in.error();
    flaw = Flaw::malformed;
    const int place = place_of(id);
    if (place < 0 || (id != 0 && place <= last_place)) {
      return Error{Errc::invalid_argument,
                   cat("malformed module: section ", unsigned{id},
                       place < 0 ? " is unknown" : " is out of place", " at offset ", start)};
    }
    if (id != 0) last_place = place;
    Reader section(content, content_at);
    read_section(id, section, size, draft);
    if (section.failed()) return section.error();
  }
  return std::move(draft.binary);
}

}  // namespace mynah::wasm
