// SPDX-License-Identifier: Apache-2.0
// What a key can hold: a string, a list, a set, a hash or a sorted set, each with a running account
// of its memory.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "base/shared_bytes.h"
#include "store/node_table.h"
#include "store/sorted_nodes.h"

namespace mynah::store {

// A list. Items are shared with whoever reads them.
class List final {
 public:
  [[nodiscard]] std::size_t size() const { return items_.size(); }
  [[nodiscard]] bool empty() const { return items_.empty(); }
  [[nodiscard]] const SharedBytes& at(std::size_t index) const { return items_[index]; }

  void push_front(SharedBytes item) {
    item_bytes_ += item.footprint();
    items_.push_front(std::move(item));
  }
  void push_back(SharedBytes item) {
    item_bytes_ += item.footprint();
    items_.push_back(std::move(item));
  }
  SharedBytes take_front();
  SharedBytes take_back();
  void replace(std::size_t index, SharedBytes item);
  void insert(std::size_t index, SharedBytes item);
  // Removes `count` items from `index` on.
  void erase(std::size_t index, std::size_t count);

  [[nodiscard]] std::size_t footprint() const {
    return kEmptyBytes + item_bytes_ + items_.size() * sizeof(SharedBytes);
  }

 private:
  static constexpr std::size_t kEmptyBytes =
      672;  // A deque holds a map and a block from the start.

  std::deque<SharedBytes> items_;
  std::size_t item_bytes_ = 0;
};

struct MemberNode : Keyed<MemberNode> {};
using Set = NodeTable<MemberNode>;

struct FieldNode : Keyed<FieldNode> {
  SharedBytes value;
};

class Hash final {
 public:
  explicit Hash(HashSeed seed) : fields_(seed) {}

  [[nodiscard]] const NodeTable<FieldNode>& fields() const { return fields_; }
  [[nodiscard]] const FieldNode* find(std::string_view field) const { return fields_.find(field); }
  // True when the field is new.
  bool set(std::string_view field, SharedBytes value);
  // True when there was such a field.
  bool erase(std::string_view field);
  [[nodiscard]] std::size_t footprint() const {
    return sizeof(Hash) + fields_.footprint() + value_bytes_;
  }

 private:
  NodeTable<FieldNode> fields_;
  std::size_t value_bytes_ = 0;
};

class SortedSet final {
 public:
  explicit SortedSet(HashSeed seed) : members_(seed) {}

  [[nodiscard]] std::size_t size() const { return members_.size(); }
  [[nodiscard]] const NodeTable<ScoredNode>& members() const { return members_; }
  [[nodiscard]] const SortedNodes& order() const { return order_; }
  [[nodiscard]] ScoredNode* find(std::string_view member) const { return members_.find(member); }
  void add(std::string_view member, double score);
  void rescore(ScoredNode& node, double score);
  void erase(ScoredNode& node);
  [[nodiscard]] std::size_t footprint() const {
    return sizeof(SortedSet) + members_.footprint() + order_.footprint();
  }

 private:
  NodeTable<ScoredNode> members_;
  SortedNodes order_;
};

// A pointer that owns its thing and is as cheap as one; what a Value holds for everything but
// strings.
template <class T>
using Box = std::unique_ptr<T>;

using Value = std::variant<SharedBytes, Box<List>, Box<Set>, Box<Hash>, Box<SortedSet>>;

// "string", "list", "set", "hash", "zset".
std::string_view type_name(const Value& value);
// True for a list, set, hash or sorted set without items: such a key is removed.
bool is_empty_collection(const Value& value);
std::size_t footprint(const Value& value);
// How the value is kept, in the words of OBJECT ENCODING.
std::string_view encoding_name(const Value& value);

}  // namespace mynah::store
