// SPDX-License-Identifier: Apache-2.0
// ONNX graphs, as far as the weights of a BERT model must be found in them. The exporter keeps the
// names of biases and tables; it turns matrices over and gives them names without meaning, so that
// a matrix is found from its bias: through the graph, up to the product that the bias is added to.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <utility>

#include "base/text.h"
#include "embed/protobuf.h"
#include "embed/weights.h"

namespace mynah::embed {
namespace {

constexpr std::size_t kTensorsMax = 50'000;
constexpr std::size_t kNodesMax = 100'000;
constexpr std::size_t kDimensionsMax = 8;
constexpr std::size_t kPortsMax = 4096;  // inputs and outputs of a node
constexpr int kStepsMax = 8;  // between a bias and its product lie a scale and a cast, or nothing
constexpr std::uint64_t kExternal = 1;
constexpr std::string_view kAnchor = "embeddings.word_embeddings.weight";

// The numbers of ONNX's element types.
std::optional<ElementType> type_of(std::uint64_t number) {
  switch (number) {
    case 1:
      return ElementType::f32;
    case 2:
      return ElementType::u8;
    case 3:
      return ElementType::s8;
    case 7:
      return ElementType::i64;
    case 10:
      return ElementType::f16;
    case 16:
      return ElementType::bf16;
    default:
      return std::nullopt;
  }
}

struct Node {
  std::string kind;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  bool turned = false;  // Gemm's transB

  [[nodiscard]] std::string input(std::size_t index) const {
    return index < inputs.size() ? inputs[index] : std::string();
  }
};

class OnnxFile final : public WeightFile {
 public:
  explicit OnnxFile(std::string bytes) : bytes_(std::move(bytes)) {}

  Status read() {
    ProtoFields model(std::as_bytes(std::span(bytes_)));
    while (const auto field = model.next()) {
      if (field->number == 7 && field->is_bytes) MYNAH_OK(read_graph(field->bytes));
    }
    if (!model.sound() || nodes_.empty()) return detail::damaged_weights("it holds no ONNX graph");
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      for (const std::string& name : nodes_[i].outputs) makers_.insert_or_assign(name, i);
      for (const std::string& name : nodes_[i].inputs) users_.emplace(name, i);
    }
    return ok();
  }

  Result<StoredTensor> tensor(const std::string& name) const override {
    const StoredTensor* found = find(prefix_ + name);
    if (found != nullptr) return *found;
    return detail::damaged_weights(cat("it has no tensor ", name));
  }

  Result<StoredMatrix> table(const std::string& name) const override {
    return matrix(prefix_ + name + ".weight");
  }

  Result<StoredMatrix> linear(const std::string& name) const override {
    const std::string whole = prefix_ + name;
    const auto [first, last] = users_.equal_range(whole + ".bias");
    for (auto user = first; user != last; ++user) {
      if (auto found = matrix_before(nodes_[user->second], whole + ".bias")) return *found;
    }
    return Error{Errc::unsupported,
                 cat("layer ", name, " is not as the usual export of a BERT model has it")};
  }

  // From the shape that the queries are given: […, heads, size of a head].
  std::optional<std::size_t> heads() const override {
    const auto query = users_.find(prefix_ + "encoder.layer.0.attention.self.query.bias");
    if (query == users_.end()) return std::nullopt;
    const std::vector<std::string>& outputs = nodes_[query->second].outputs;
    if (outputs.empty()) return std::nullopt;
    const auto [first, last] = users_.equal_range(outputs.front());
    for (auto user = first; user != last; ++user) {
      const Node& node = nodes_[user->second];
      if (node.kind != "Reshape") continue;
      const std::vector<std::int64_t> shape = shape_behind(node.input(1));
      if (shape.size() >= 2 && shape[shape.size() - 2] > 0)
        return static_cast<std::size_t>(shape[shape.size() - 2]);
    }
    return std::nullopt;
  }

 private:
  Status read_graph(ByteSpan bytes) {
    ProtoFields graph(bytes);
    while (const auto field = graph.next()) {
      if (!field->is_bytes) continue;
      if (field->number == 1) MYNAH_OK(read_node(field->bytes));
      if (field->number == 5) MYNAH_OK(read_tensor(field->bytes, std::nullopt));
    }
    if (!graph.sound()) return detail::damaged_weights("its graph is cut short");
    return ok();
  }

  Status read_node(ByteSpan bytes) {
    if (nodes_.size() == kNodesMax) return detail::damaged_weights("its graph is too large");
    Node node;
    std::vector<ByteSpan> attributes;
    ProtoFields fields(bytes);
    while (const auto field = fields.next()) {
      if (node.inputs.size() + node.outputs.size() > kPortsMax)
        return detail::damaged_weights("a node of its graph is too large");
      if (field->number == 1) node.inputs.push_back(field->text());
      if (field->number == 2) node.outputs.push_back(field->text());
      if (field->number == 4) node.kind = field->text();
      if (field->number == 5) attributes.push_back(field->bytes);
    }
    if (!fields.sound()) return detail::damaged_weights("a node of its graph is cut short");
    for (const ByteSpan each : attributes) MYNAH_OK(read_attribute(each, node));
    if (node.kind != "Constant") nodes_.push_back(std::move(node));
    return ok();
  }

  Status read_attribute(ByteSpan bytes, Node& node) {
    std::string name;
    std::uint64_t integer = 0;
    std::optional<ByteSpan> tensor;
    ProtoFields fields(bytes);
    while (const auto field = fields.next()) {
      if (field->number == 1) name = field->text();
      if (field->number == 3) integer = field->value;
      if (field->number == 5 && field->is_bytes) tensor = field->bytes;
    }
    if (!fields.sound()) return detail::damaged_weights("an attribute of its graph is cut short");
    if (name == "transB") node.turned = integer != 0;
    if (node.kind == "Constant" && tensor && !node.outputs.empty())
      return read_tensor(*tensor, node.outputs.front());
    return ok();
  }

  // Constants of a graph are tensors too, under the name of what they put out.
  Status read_tensor(ByteSpan bytes, const std::optional<std::string>& constant) {
    if (tensors_.size() == kTensorsMax) return detail::damaged_weights("it has too many tensors");
    std::vector<std::size_t> shape;
    std::string name;
    std::uint64_t type = 0;
    ByteSpan data;
    std::string spelled_out;
    ProtoFields fields(bytes);
    while (const auto field = fields.next()) {
      if (field->number == 1) append_dimensions(shape, *field);
      if (field->number == 2) type = field->value;
      if (field->number == 8) name = field->text();
      // Raw bytes, or packed floats, which are the same bytes.
      if (field->is_bytes && (field->number == 9 || field->number == 4)) data = field->bytes;
      if (field->number == 5) spelled_out = spell_out<std::uint8_t>(*field);
      if (field->number == 7) spelled_out = spell_out<std::int64_t>(*field);
      if (field->number == 14 && field->value == kExternal)
        return Error{Errc::unsupported, "its weights lie in another file"};
      if (shape.size() > kDimensionsMax) return detail::damaged_weights("a tensor's shape");
    }
    if (!fields.sound()) return detail::damaged_weights("a tensor is cut short");
    if (constant) name = *constant;
    if (!spelled_out.empty()) {
      spelled_out_.push_back(std::move(spelled_out));
      data = std::as_bytes(std::span(spelled_out_.back()));
    }
    const auto known = type_of(type);
    auto made = known ? detail::stored_tensor(*known, std::move(shape), data) : std::nullopt;
    // What this reader has no use for is missed when it is asked for.
    if (!made) return ok();
    if (const auto at = name.rfind(kAnchor); at != std::string::npos) prefix_ = name.substr(0, at);
    tensors_.insert_or_assign(std::move(name), *std::move(made));
    return ok();
  }

  // Bytes and integers of small tensors may stand as a list of varints.
  template <class T>
  static std::string spell_out(const ProtoField& field) {
    std::string bytes;
    const auto append = [&](std::uint64_t value) {
      const auto number = static_cast<T>(value);
      bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
    };
    if (!field.is_bytes) append(field.value);
    ProtoFields packed(field.bytes);
    while (const auto value = packed.varint()) append(*value);
    return bytes;
  }

  static void append_dimensions(std::vector<std::size_t>& shape, const ProtoField& field) {
    if (!field.is_bytes) return shape.push_back(field.value);
    ProtoFields packed(field.bytes);
    while (const auto value = packed.varint()) {
      if (shape.size() > kDimensionsMax) return;
      shape.push_back(*value);
    }
  }

  [[nodiscard]] const StoredTensor* find(const std::string& name) const {
    const auto found = tensors_.find(name);
    return found == tensors_.end() ? nullptr : &found->second;
  }

  // A tensor under its own name, or under the names that the quantizer makes of it.
  [[nodiscard]] Result<StoredMatrix> matrix(const std::string& name) const {
    constexpr std::string_view kQuantized = "_quantized";
    if (const StoredTensor* plain = find(name); plain != nullptr && !name.ends_with(kQuantized))
      return StoredMatrix{.values = *plain, .scale = {}, .zero_point = {}};
    const std::string stem =
        name.ends_with(kQuantized) ? name.substr(0, name.size() - kQuantized.size()) : name;
    const StoredTensor* values = find(cat(stem, kQuantized));
    const StoredTensor* scale = find(stem + "_scale");
    const StoredTensor* zero_point = find(stem + "_zero_point");
    if (values == nullptr || scale == nullptr || zero_point == nullptr)
      return detail::damaged_weights(cat("it has no tensor ", name));
    return StoredMatrix{.values = *values, .scale = *scale, .zero_point = *zero_point};
  }

  // The matrix of the product that `node` adds the bias to.
  [[nodiscard]] std::optional<StoredMatrix> matrix_before(const Node& node,
                                                          const std::string& bias) const {
    const Node* at = &node;
    if (node.kind == "Add") at = maker_of(node.input(node.input(0) == bias ? 1 : 0));
    for (int step = 0; at != nullptr && step < kStepsMax; ++step) {
      if (at->kind == "MatMul" || at->kind == "MatMulInteger" || at->kind == "Gemm")
        return matrix_of(*at);
      if (at->kind != "Mul" && at->kind != "Cast") return std::nullopt;
      at = maker_of(at->input(0));
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<StoredMatrix> matrix_of(const Node& product) const {
    std::string name = product.input(1);
    bool turned = product.kind == "Gemm" && product.turned;
    if (const Node* maker = maker_of(name); maker != nullptr && maker->kind == "Transpose") {
      name = maker->input(0);
      turned = true;
    }
    auto found = matrix(name);
    if (!found) return std::nullopt;
    found->by_outputs = turned;
    return *std::move(found);
  }

  [[nodiscard]] const Node* maker_of(const std::string& name) const {
    const auto found = makers_.find(name);
    return found == makers_.end() ? nullptr : &nodes_[found->second];
  }

  // The constants at the end of a shape that is given whole or joined from pieces.
  [[nodiscard]] std::vector<std::int64_t> shape_behind(const std::string& name) const {
    std::vector<std::int64_t> shape;
    const Node* maker = maker_of(name);
    const std::vector<std::string> pieces =
        maker != nullptr && maker->kind == "Concat" ? maker->inputs : std::vector{name};
    for (const std::string& piece : pieces) {
      const StoredTensor* tensor = find(piece);
      if (tensor == nullptr || tensor->type != ElementType::i64) {
        shape.push_back(0);
        continue;
      }
      const std::size_t before = shape.size();
      shape.resize(before + std::min(tensor->size(), kDimensionsMax));
      std::memcpy(shape.data() + before, tensor->bytes.data(),
                  (shape.size() - before) * sizeof(std::int64_t));
    }
    return shape;
  }

  const std::string bytes_;
  std::deque<std::string> spelled_out_;  // bytes of tensors that the file has in another form
  std::string prefix_;
  std::vector<Node> nodes_;
  std::map<std::string, StoredTensor, std::less<>> tensors_;
  std::map<std::string, std::size_t, std::less<>> makers_;      // by what a node puts out
  std::multimap<std::string, std::size_t, std::less<>> users_;  // by what it takes
};

}  // namespace

Result<std::unique_ptr<WeightFile>> open_onnx(std::string bytes) {
  auto file = std::make_unique<OnnxFile>(std::move(bytes));
  MYNAH_OK(file->read());
  return std::unique_ptr<WeightFile>(std::move(file));
}

}  // namespace mynah::embed
