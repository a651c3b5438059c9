// SPDX-License-Identifier: Apache-2.0
// The safetensors format:
//
//   file   = length (8 bytes, lowest first), header (so many bytes of JSON), data
//   header = { NAME: {"dtype": "F32", "shape": [..], "data_offsets": [begin, end]}, .. }
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <map>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "embed/weights.h"

namespace mynah::embed {
namespace {

constexpr std::size_t kHeaderBytesMax = 16U << 20U;
constexpr std::size_t kTensorsMax = 10'000;
constexpr std::size_t kDimensionsMax = 8;
constexpr std::string_view kAnchor = "embeddings.word_embeddings.weight";

constexpr std::array<std::pair<std::string_view, ElementType>, 6> kTypes = {{
    {"F32", ElementType::f32},
    {"F16", ElementType::f16},
    {"BF16", ElementType::bf16},
    {"U8", ElementType::u8},
    {"I8", ElementType::s8},
    {"I64", ElementType::i64},
}};

class SafetensorsFile final : public WeightFile {
 public:
  explicit SafetensorsFile(std::string bytes) : bytes_(std::move(bytes)) {}

  Status read() {
    std::uint64_t length = 0;
    if (bytes_.size() < sizeof length) return detail::damaged_weights("it is cut short");
    std::memcpy(&length, bytes_.data(), sizeof length);
    if (length > kHeaderBytesMax || length > bytes_.size() - sizeof length)
      return detail::damaged_weights("its header is too long");
    auto header = Json::parse(bytes_.substr(sizeof length, length), {.depth_max = 8});
    if (!header) return detail::damaged_weights(header.error().what);
    if (header->root().size() > kTensorsMax) return detail::damaged_weights("too many tensors");
    const auto data = std::as_bytes(std::span(bytes_)).subspan(sizeof length + length);
    for (const auto& [name, described] : header->root().members()) {
      if (name != "__metadata__") MYNAH_OK(add(std::string(name), described, data));
    }
    return ok();
  }

  Result<StoredTensor> tensor(const std::string& name) const override {
    const auto found = tensors_.find(prefix_ + name);
    if (found != tensors_.end()) return found->second;
    return detail::damaged_weights(cat("it has no tensor ", name));
  }

  Result<StoredMatrix> table(const std::string& name) const override {
    MYNAH_LET(auto values, tensor(name + ".weight"));
    return StoredMatrix{.values = std::move(values), .scale = {}, .zero_point = {}};
  }

  Result<StoredMatrix> linear(const std::string& name) const override {
    MYNAH_LET(auto made, table(name));
    made.by_outputs = true;
    return made;
  }

  std::optional<std::size_t> heads() const override { return std::nullopt; }

 private:
  Status add(std::string name, JsonView described, std::span<const std::byte> data) {
    const std::string_view type = described["dtype"].text();
    const auto known =
        std::ranges::find(kTypes, type, &std::pair<std::string_view, ElementType>::first);
    // Of a type that no BERT uses: it is missed when it is asked for.
    if (known == kTypes.end()) return ok();
    const auto begin = described["data_offsets"].at(0).unsigned_integer();
    const auto end = described["data_offsets"].at(1).unsigned_integer();
    const bool sound = begin && end && *begin <= *end && *end <= data.size() &&
                       described["shape"].size() <= kDimensionsMax;
    if (!sound) return detail::damaged_weights(cat("tensor ", name, " lies outside of it"));
    std::vector<std::size_t> shape;
    for (const JsonView each : described["shape"].items()) {
      shape.push_back(each.unsigned_integer().value_or(0));
    }
    auto made =
        detail::stored_tensor(known->second, std::move(shape), data.subspan(*begin, *end - *begin));
    if (!made) return detail::damaged_weights(cat("tensor ", name, " has another size"));
    if (name.ends_with(kAnchor)) prefix_ = name.substr(0, name.size() - kAnchor.size());
    tensors_.insert_or_assign(std::move(name), *std::move(made));
    return ok();
  }

  const std::string bytes_;
  std::string prefix_;
  std::map<std::string, StoredTensor, std::less<>> tensors_;
};

}  // namespace

Result<std::unique_ptr<WeightFile>> open_safetensors(std::string bytes) {
  auto file = std::make_unique<SafetensorsFile>(std::move(bytes));
  MYNAH_OK(file->read());
  return std::unique_ptr<WeightFile>(std::move(file));
}

}  // namespace mynah::embed
