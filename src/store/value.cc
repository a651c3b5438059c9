// SPDX-License-Identifier: Apache-2.0
// Changing collections while keeping account of them.
#include "store/value.h"

#include "store/numbers.h"

namespace mynah::store {

SharedBytes List::take_front() {
  SharedBytes item = std::move(items_.front());
  items_.pop_front();
  item_bytes_ -= item.footprint();
  return item;
}

SharedBytes List::take_back() {
  SharedBytes item = std::move(items_.back());
  items_.pop_back();
  item_bytes_ -= item.footprint();
  return item;
}

void List::replace(std::size_t index, SharedBytes item) {
  item_bytes_ += item.footprint();
  item_bytes_ -= items_[index].footprint();
  items_[index] = std::move(item);
}

void List::insert(std::size_t index, SharedBytes item) {
  item_bytes_ += item.footprint();
  items_.insert(items_.begin() + static_cast<std::ptrdiff_t>(index), std::move(item));
}

void List::erase(std::size_t index, std::size_t count) {
  const auto begin = items_.begin() + static_cast<std::ptrdiff_t>(index);
  const auto end = begin + static_cast<std::ptrdiff_t>(count);
  for (auto item = begin; item != end; ++item) item_bytes_ -= item->footprint();
  items_.erase(begin, end);
}

bool Hash::set(std::string_view field, SharedBytes value) {
  value_bytes_ += value.footprint();
  FieldNode* node = fields_.find(field);
  const bool added = node == nullptr;
  if (added) {
    node = &fields_.insert(field);
  } else {
    value_bytes_ -= node->value.footprint();
  }
  node->value = std::move(value);
  return added;
}

bool Hash::erase(std::string_view field) {
  FieldNode* node = fields_.find(field);
  if (node == nullptr) return false;
  value_bytes_ -= node->value.footprint();
  fields_.erase(*node);
  return true;
}

void SortedSet::add(std::string_view member, double score) {
  ScoredNode& node = members_.insert(member);
  node.score = score;
  order_.insert(node);
}

void SortedSet::rescore(ScoredNode& node, double score) {
  if (node.score == score) return;
  order_.erase(node);
  node.score = score;
  order_.insert(node);
}

void SortedSet::erase(ScoredNode& node) {
  order_.erase(node);
  members_.erase(node);
}

namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

template <class... F>
auto visit(const Value& value, F&&... f) {
  return std::visit(Overloaded{std::forward<F>(f)...}, value);
}

constexpr std::size_t kSmallItems = 128;
constexpr std::size_t kSmallItemBytes = 64;
constexpr std::size_t kSmallIntegers = 512;

template <class Table>
bool has_small_keys(const Table& table) {
  if (table.size() > kSmallItems) return false;
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table.at(i).key_bytes > kSmallItemBytes) return false;
  }
  return true;
}

bool has_small_values(const Hash& hash) {
  if (!has_small_keys(hash.fields())) return false;
  for (std::size_t i = 0; i < hash.fields().size(); ++i) {
    if (hash.fields().at(i).value.size() > kSmallItemBytes) return false;
  }
  return true;
}

bool is_integers(const Set& set) {
  if (set.size() > kSmallIntegers) return false;
  for (std::size_t i = 0; i < set.size(); ++i) {
    if (!parse_integer(set.at(i).key())) return false;
  }
  return true;
}

}  // namespace

std::string_view type_name(const Value& value) {
  constexpr std::string_view kNames[] = {"string", "list", "set", "hash", "zset"};
  return kNames[value.index()];
}

bool is_empty_collection(const Value& value) {
  return visit(
      value, [](const SharedBytes&) { return false; },
      [](const Box<List>& list) { return list->empty(); },
      [](const Box<Set>& set) { return set->empty(); },
      [](const Box<Hash>& hash) { return hash->fields().empty(); },
      [](const Box<SortedSet>& set) { return set->size() == 0; });
}

std::size_t footprint(const Value& value) {
  return visit(
      value, [](const SharedBytes& bytes) { return bytes.footprint(); },
      [](const Box<Set>& set) { return sizeof(Set) + set->footprint(); },
      [](const auto& other) { return other->footprint(); });
}

std::string_view encoding_name(const Value& value) {
  return visit(
      value,
      [](const SharedBytes& bytes) -> std::string_view {
        if (parse_integer(bytes.view())) return "int";
        return bytes.size() <= 44 ? "embstr" : "raw";
      },
      [](const Box<List>& list) -> std::string_view {
        return list->footprint() < 8192 ? "listpack" : "quicklist";
      },
      [](const Box<Set>& set) -> std::string_view {
        return is_integers(*set) ? "intset" : "hashtable";
      },
      [](const Box<Hash>& hash) -> std::string_view {
        return has_small_values(*hash) ? "listpack" : "hashtable";
      },
      [](const Box<SortedSet>& set) -> std::string_view {
        return has_small_keys(set->members()) ? "listpack" : "skiplist";
      });
}

}  // namespace mynah::store
