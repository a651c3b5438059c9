// SPDX-License-Identifier: Apache-2.0
// The calls on documents.
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"
#include "vector/api_parts.h"

namespace mynah::vector {
namespace {

constexpr double kLifetimeMaxSeconds = 100.0 * 365 * 24 * 3600;

Answer<std::vector<float>> read_vector(JsonView view) {
  if (!view.is_array()) return refuse(Reason::invalid_vector_format, "a vector is no array");
  if (view.size() > kDimensionMax) {
    return refuse(Reason::invalid_dimension,
                  cat("the vector has ", view.size(), " dimensions; at most ", kDimensionMax));
  }
  std::vector<float> vector;
  vector.reserve(view.size());
  for (const JsonView item : view.items()) {
    const auto number = item.number();
    if (!number)
      return refuse(Reason::invalid_vector_format, "a component of a vector is no number in range");
    vector.push_back(static_cast<float>(*number));
  }
  return vector;
}

// "vector", or the only one of "vectors": an array, or an object that holds one.
Answer<std::optional<std::vector<float>>> read_vector_of(JsonView object) {
  JsonView view = object["vector"];
  const JsonView named = object["vectors"];
  if ((!view || view.is_null()) && named.is_object() && named.size() != 0) {
    if (named.size() > 1) return refuse(Reason::unsupported, "documents here have one vector each");
    view = (*named.members().begin()).value;
    if (view.is_object()) view = view["vector"];
  }
  if (const JsonView sparse = object["sparse_vector"]; sparse && !sparse.is_null())
    return refuse(Reason::unsupported, "there are no sparse vectors here");
  if (!view || view.is_null()) return std::optional<std::vector<float>>();
  auto vector = read_vector(view);
  if (!vector) return std::unexpected(vector.error());
  return std::optional(*std::move(vector));
}

Answer<NewDocument> read_document(JsonView view) {
  if (!view.is_object()) return refuse(Reason::invalid_write, "a document is no object");
  NewDocument document;
  auto id = text_member(view, "id");
  if (!id) return refuse(Reason::invalid_id, "an id is no text");
  document.id = *std::move(id);
  auto vector = read_vector_of(view);
  if (!vector) return std::unexpected(vector.error());
  document.vector = *std::move(vector);
  if (const JsonView fields = view["fields"]; fields && !fields.is_null()) {
    auto packed = pack_fields(fields);
    if (!packed) return refuse(Reason::invalid_field, std::move(packed).error().what);
    document.fields = *std::move(packed);
  }
  const JsonView lifetime = view["ttl"];
  if (!lifetime || lifetime.is_null()) return document;
  const auto seconds = lifetime.number();
  if (!seconds || !(*seconds > 0) || *seconds > kLifetimeMaxSeconds)
    return refuse(Reason::invalid_argument, "ttl is no number of seconds above 0");
  document.lifetime = std::chrono::milliseconds(std::llround(*seconds * 1000));
  return document;
}

std::string_view word_of(WriteKind kind) {
  switch (kind) {
    case WriteKind::insert:
      return "insert";
    case WriteKind::update:
      return "update";
    case WriteKind::upsert:
      return "upsert";
  }
  return "";
}

void write_result(std::string_view operation, std::string_view id, const Refusal& refusal,
                  JsonWriter& json) {
  json.begin_object().member("doc_op", operation).member("id", id);
  json.member("code", static_cast<int>(refusal.reason)).member("message", refusal.what);
  json.end_object();
}

// A list of documents, or a single one, as older clients send it.
CallResult write_documents(Call& call, WriteKind kind) {
  auto partition = text_member(call.body, "partition");
  if (!partition) return std::unexpected(partition.error());
  const JsonView list = call.body["docs"];
  std::vector<NewDocument> documents;
  if (!list.is_array() && !list.is_object())
    return refuse(Reason::empty_documents, "docs is no list of documents");
  if (list.is_array() && list.size() > kBatchMax)
    return refuse(Reason::invalid_batch, cat("more than ", kBatchMax, " documents"));
  const auto add = [&](JsonView view) -> std::optional<Refusal> {
    auto document = read_document(view);
    if (!document) return document.error();
    documents.push_back(*std::move(document));
    return std::nullopt;
  };
  if (list.is_object()) {
    if (auto refused = add(list)) return std::unexpected(*std::move(refused));
  }
  for (const JsonView view : list.items()) {
    if (auto refused = add(view)) return std::unexpected(*std::move(refused));
  }
  auto results = call.database.write(kind, call.collection, *partition, std::move(documents));
  if (!results) return std::unexpected(results.error());
  return Output([results = *std::move(results), kind](JsonWriter& json) {
    json.begin_array();
    for (const WriteResult& result : results)
      write_result(word_of(kind == WriteKind::upsert ? result.done : kind), result.id,
                   result.refusal, json);
    json.end_array();
  });
}

// With a point in every number: the official client tells by it that a vector is one of floats.
void write_float(float x, JsonWriter& json) {
  std::array<char, 24> digits{};
  const auto [end, failure] = std::to_chars(digits.data(), digits.data() + digits.size() - 2, x);
  const std::string_view shortest(digits.data(), end);
  const bool whole = shortest.find_first_of(".e") == std::string_view::npos;
  json.raw(whole ? cat(shortest, ".0") : std::string(shortest));
}

void write_vector(const std::vector<float>& vector, ElementType element, JsonWriter& json) {
  json.begin_array();
  for (const float x : vector) {
    if (element == ElementType::integer) {
      json.value(static_cast<int>(x));
    } else {
      write_float(x, json);
    }
  }
  json.end_array();
}

void write_document(const FoundDocument& document, const CollectionInfo& info,
                    const std::optional<std::vector<std::string>>& names, JsonWriter& json) {
  json.begin_object().member("id", document.id);
  if (!document.vector.empty()) {
    json.key("vector");
    write_vector(document.vector, info.element, json);
  }
  json.key("fields");
  write_fields(document.fields, info.schema, names, json);
  json.member("score", static_cast<double>(document.score));
  json.end_object();
}

Answer<std::vector<std::string>> read_texts(JsonView list, std::string_view what) {
  std::vector<std::string> texts;
  if (list && !list.is_null() && !list.is_array())
    return refuse(Reason::invalid_argument, cat(what, " is no list of texts"));
  if (list.size() > kBatchMax)
    return refuse(Reason::invalid_batch, cat(what, " has more than ", kBatchMax, " entries"));
  for (const JsonView item : list.items()) {
    if (!item.is_string())
      return refuse(Reason::invalid_argument, cat(what, " is no list of texts"));
    texts.emplace_back(item.text());
  }
  return texts;
}

}  // namespace

CallResult insert_documents(Call& call) { return write_documents(call, WriteKind::insert); }
CallResult update_documents(Call& call) { return write_documents(call, WriteKind::update); }
CallResult upsert_documents(Call& call) { return write_documents(call, WriteKind::upsert); }

CallResult delete_documents(Call& call) {
  auto partition = text_member(call.body, "partition");
  if (!partition) return std::unexpected(partition.error());
  auto ids = read_texts(call.body["ids"], "ids");
  if (!ids) return std::unexpected(ids.error());
  if (call.body.flag("delete_all")) {
    if (!ids->empty())
      return refuse(Reason::invalid_argument, "with delete_all there must be no ids");
    const auto cleared = call.database.clear(call.collection, *partition);
    if (!cleared) return std::unexpected(cleared.error());
    return Output([](JsonWriter& json) { json.begin_array().end_array(); });
  }
  if (ids->empty()) return refuse(Reason::empty_documents, "there are no ids");
  const auto erased = call.database.erase(call.collection, *partition, *ids);
  if (!erased) return std::unexpected(erased.error());
  return Output([ids = *std::move(ids)](JsonWriter& json) {
    json.begin_array();
    for (const std::string& id : ids) write_result("delete", id, {Reason::success, ""}, json);
    json.end_array();
  });
}

CallResult fetch_documents(Call& call) {
  const std::string list = query_value(call.query, "ids");
  if (list.empty()) return refuse(Reason::empty_documents, "there are no ids");
  std::vector<std::string> ids;
  for (const std::string_view id : split(list, ',', kBatchMax + 1)) ids.emplace_back(id);
  std::string partition = query_value(call.query, "partition");
  // A client in Python spells a missing one so.
  if (partition == "None") partition.clear();
  auto info = call.database.describe(call.collection);
  if (!info) return std::unexpected(info.error());
  auto found = call.database.fetch(call.collection, partition, ids);
  if (!found) return std::unexpected(found.error());
  return Output([found = *std::move(found), info = *std::move(info)](JsonWriter& json) {
    json.begin_object();
    for (const FoundDocument& document : found) {
      json.key(document.id);
      write_document(document, info, std::nullopt, json);
    }
    json.end_object();
  });
}

CallResult query_documents(Call& call) {
  SearchRequest request;
  request.collection = call.collection;
  auto vector = read_vector_of(call.body);
  if (!vector) return std::unexpected(vector.error());
  request.vector = *std::move(vector);
  for (const auto& [name, to] : {std::pair{"id", &request.id}, std::pair{"filter", &request.filter},
                                 std::pair{"partition", &request.partition}}) {
    auto text = text_member(call.body, name);
    if (!text) return std::unexpected(text.error());
    *to = *std::move(text);
  }
  for (const std::string_view other : {"order_by_fields", "sparse_vectors"}) {
    if (call.body[other].size() != 0)
      return refuse(Reason::unsupported, cat(other, " has no meaning here"));
  }
  if (const JsonView count = call.body["topk"]; count && !count.is_null()) {
    const auto number = count.integer();
    if (!number || *number < 1)
      return refuse(Reason::invalid_count, "topk is no whole number above 0");
    request.count = static_cast<std::size_t>(*number);
  }
  request.with_vector = call.body.flag("include_vector");
  std::optional<std::vector<std::string>> names;
  if (const JsonView fields = call.body["output_fields"]; fields && !fields.is_null()) {
    auto texts = read_texts(fields, "output_fields");
    if (!texts) return std::unexpected(texts.error());
    // The official client sends an empty list when its caller names none, and means all.
    if (!texts->empty()) names = *std::move(texts);
  }
  auto info = call.database.describe(call.collection);
  if (!info) return std::unexpected(info.error());
  auto found = call.database.search(request);
  if (!found) return std::unexpected(found.error());
  return Output([found = *std::move(found), info = *std::move(info),
                 names = std::move(names)](JsonWriter& json) {
    json.begin_array();
    for (const FoundDocument& document : found) write_document(document, info, names, json);
    json.end_array();
  });
}

}  // namespace mynah::vector
