// SPDX-License-Identifier: Apache-2.0
// Writing operations down and reading them back, checking all that later code relies on.
#include "vector/operation.h"

#include <cmath>
#include <cstring>

#include "vector/kernels.h"

namespace mynah::vector {
namespace {

constexpr std::size_t kNameBytesMax = 255;
constexpr std::size_t kLevelsMax = 16;
constexpr std::size_t kLinksMax = 64;

template <class T>
void append_fixed(T value, std::string& out) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}

void append_text(std::string_view text, std::string& out) {
  append_fixed(static_cast<std::uint32_t>(text.size()), out);
  out.append(text);
}

std::string begin(Operation::Kind kind, std::string_view collection) {
  std::string out(1, static_cast<char>(kind));
  append_text(collection, out);
  return out;
}

void append_document(const StoredDocument& document, std::string& out) {
  append_text(document.view.id, out);
  append_fixed(document.view.expires, out);
  append_fixed(document.step, out);
  append_fixed(document.view.norm, out);
  append_fixed(static_cast<std::uint32_t>(document.dimension), out);
  out.append(reinterpret_cast<const char*>(document.high.data()), document.dimension);
  out.append(reinterpret_cast<const char*>(document.view.low.data()), document.dimension);
  append_text(document.view.fields, out);
}

// Takes things from the front of bytes; once something is missing, `good` stays false.
class Reader final {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  template <class T>
  T fixed() {
    T value{};
    const std::string_view bytes = take(sizeof value);
    if (good) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  // A number of one of an enumeration's first `count` values.
  template <class Enum>
  Enum one_of(std::uint8_t count) {
    const auto number = fixed<std::uint8_t>();
    good = good && number < count;
    return good ? static_cast<Enum>(number) : Enum{};
  }
  std::string text(std::size_t bytes_max) {
    const auto size = fixed<std::uint32_t>();
    good = good && size <= bytes_max;
    return std::string(take(size));
  }
  std::vector<std::int8_t> row(std::size_t dimension) {
    const std::string_view bytes = take(dimension);
    if (!good) return {};
    std::vector<std::int8_t> row(padded(dimension), 0);
    std::memcpy(row.data(), bytes.data(), dimension);
    return row;
  }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  bool good = true;

 private:
  std::string_view take(std::size_t count) {
    good = good && rest_.size() >= count;
    if (!good) return {};
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  std::string_view rest_;  // tidy: allow string_view: of the caller, while it waits
};

void read_info(Reader& reader, Operation& operation) {
  CollectionInfo& info = operation.info;
  info.name = operation.collection;
  info.dimension = reader.fixed<std::uint32_t>();
  info.element = reader.one_of<ElementType>(2);
  info.metric = reader.one_of<Metric>(3);
  info.origin = reader.one_of<Origin>(2);
  const auto count = reader.fixed<std::uint32_t>();
  reader.good = reader.good && info.dimension <= kDimensionMax && count <= kFieldsMax;
  for (std::uint32_t i = 0; reader.good && i < count; ++i) {
    std::string name = reader.text(kNameBytesMax);
    const auto type = reader.one_of<FieldType>(5);
    reader.good = reader.good && is_field_name(name);
    info.schema.emplace(std::move(name), type);
  }
}

bool is_in_range(const std::vector<std::int8_t>& row) {
  // The products of search have no room for -128.
  for (const std::int8_t byte : row) {
    if (byte == -128) return false;
  }
  return true;
}

void read_document(Reader& reader, Operation& operation) {
  operation.id = reader.text(kNameBytesMax);
  operation.expires = reader.fixed<WallMs>();
  operation.step = reader.fixed<float>();
  operation.norm = reader.fixed<float>();
  operation.dimension = reader.fixed<std::uint32_t>();
  reader.good = reader.good && operation.dimension >= 1 && operation.dimension <= kDimensionMax;
  if (!reader.good) return;
  operation.high = reader.row(operation.dimension);
  operation.low = reader.row(operation.dimension);
  operation.fields = reader.text(kFieldsBytesMax);
  reader.good = reader.good && !operation.id.empty() && std::isfinite(operation.step) &&
                operation.step >= 0 && operation.step <= kComponentMax &&
                std::isfinite(operation.norm) && operation.norm >= 0 &&
                is_in_range(operation.high) && are_packed_fields(operation.fields);
}

void read_links(Reader& reader, StoredLinks& links) {
  links.slot = reader.fixed<Slot>();
  const auto level = reader.fixed<std::uint8_t>();
  links.linked = reader.one_of<bool>(2);
  reader.good = reader.good && level < kLevelsMax && links.slot != kNoSlot;
  for (std::size_t i = 0; reader.good && i <= level; ++i) {
    const auto count = reader.fixed<std::uint8_t>();
    reader.good = reader.good && count <= kLinksMax;
    Graph::Links here;
    for (std::size_t j = 0; reader.good && j < count; ++j) here.push_back(reader.fixed<Slot>());
    links.levels.push_back(std::move(here));
  }
}

}  // namespace

std::string encode_create(const CollectionInfo& info) {
  std::string out = begin(Operation::Kind::create, info.name);
  append_fixed(static_cast<std::uint32_t>(info.dimension), out);
  append_fixed(static_cast<std::uint8_t>(info.element), out);
  append_fixed(static_cast<std::uint8_t>(info.metric), out);
  append_fixed(static_cast<std::uint8_t>(info.origin), out);
  append_fixed(static_cast<std::uint32_t>(info.schema.size()), out);
  for (const auto& [name, type] : info.schema) {
    append_text(name, out);
    append_fixed(static_cast<std::uint8_t>(type), out);
  }
  return out;
}

std::string encode_drop(std::string_view collection) {
  return begin(Operation::Kind::drop, collection);
}

std::string encode_create_partition(std::string_view collection, std::string_view partition) {
  std::string out = begin(Operation::Kind::create_partition, collection);
  append_text(partition, out);
  return out;
}

std::string encode_drop_partition(std::string_view collection, std::string_view partition) {
  std::string out = begin(Operation::Kind::drop_partition, collection);
  append_text(partition, out);
  return out;
}

std::string encode_clear(std::string_view collection, std::string_view partition) {
  std::string out = begin(Operation::Kind::clear, collection);
  append_text(partition, out);
  return out;
}

std::string encode_erase(std::string_view collection, std::string_view partition,
                         std::string_view id) {
  std::string out = begin(Operation::Kind::erase, collection);
  append_text(partition, out);
  append_text(id, out);
  return out;
}

std::string encode_put(std::string_view collection, std::string_view partition,
                       const StoredDocument& document) {
  std::string out = begin(Operation::Kind::put, collection);
  append_text(partition, out);
  append_document(document, out);
  return out;
}

std::string encode_node(std::string_view collection, std::string_view partition,
                        const StoredDocument& document, const StoredLinks& links) {
  std::string out = begin(Operation::Kind::node, collection);
  append_text(partition, out);
  append_document(document, out);
  append_fixed(links.slot, out);
  append_fixed(static_cast<std::uint8_t>(links.levels.size() - 1), out);
  append_fixed(static_cast<std::uint8_t>(links.linked), out);
  for (const Graph::Links& level : links.levels) {
    append_fixed(static_cast<std::uint8_t>(level.size()), out);
    for (const Slot slot : level) append_fixed(slot, out);
  }
  return out;
}

std::optional<Operation> parse_operation(std::string_view bytes) {
  Reader reader(bytes);
  Operation operation;
  operation.kind = static_cast<Operation::Kind>(reader.fixed<char>());
  operation.collection = reader.text(kNameBytesMax);
  using Kind = Operation::Kind;
  switch (operation.kind) {
    case Kind::create:
      read_info(reader, operation);
      break;
    case Kind::drop:
      break;
    case Kind::create_partition:
    case Kind::drop_partition:
    case Kind::clear:
      operation.partition = reader.text(kNameBytesMax);
      break;
    case Kind::erase:
      operation.partition = reader.text(kNameBytesMax);
      operation.id = reader.text(kNameBytesMax);
      break;
    case Kind::put:
    case Kind::node:
      operation.partition = reader.text(kNameBytesMax);
      read_document(reader, operation);
      if (operation.kind == Kind::node && reader.good) read_links(reader, operation.links);
      break;
    default:
      return std::nullopt;
  }
  if (!reader.good || !reader.at_end()) return std::nullopt;
  return operation;
}

}  // namespace mynah::vector
