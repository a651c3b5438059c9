// SPDX-License-Identifier: Apache-2.0
// Searching and fetching.
#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "vector/database.h"

namespace mynah::vector {

FoundDocument Database::copy_of(const Collection& collection, const Partition& partition, Slot slot,
                                float score, bool with_vector) const {
  const DocumentView document = partition.document(slot);
  FoundDocument found{std::string(document.id), score, std::string(document.fields), {}};
  if (!with_vector) return found;
  found.vector = partition.vector(slot);
  if (collection.info.element == ElementType::integer) {
    for (float& x : found.vector) x = std::round(x);
  }
  return found;
}

Answer<std::vector<FoundDocument>> Database::fetch(std::string_view collection,
                                                   std::string_view partition,
                                                   const std::vector<std::string>& ids) {
  if (ids.size() > kBatchMax)
    return refuse(Reason::invalid_batch, cat("more than ", kBatchMax, " ids"));
  const std::shared_lock locked(lock_);
  const auto found = find(collection, partition);
  if (!found) return std::unexpected(found.error());
  std::vector<FoundDocument> documents;
  if (*found == nullptr) return documents;
  for (const std::string& id : ids) {
    const auto slot = (*found)->find(id, now());
    if (!slot) continue;
    (*found)->touch(*slot);
    documents.push_back(copy_of(**find(collection), **found, *slot, 0, true));
  }
  return documents;
}

Answer<std::vector<FoundDocument>> Database::search(const SearchRequest& request) {
  if (request.vector && !request.id.empty())
    return refuse(Reason::vector_and_id, "a query has a vector or an id, not both");
  const std::size_t count_max = request.with_vector ? kCountWithVectorsMax : kCountMax;
  if (request.count < 1 || request.count > count_max)
    return refuse(Reason::invalid_count, cat("topk is not in 1…", count_max));
  std::optional<Filter> filter;
  if (!request.filter.empty()) {
    auto parsed = Filter::parse(request.filter);
    if (!parsed) return refuse(Reason::invalid_filter, std::move(parsed).error().what);
    filter.emplace(*std::move(parsed));
  }
  const std::shared_lock locked(lock_);
  const auto found = find(request.collection, request.partition);
  if (!found) return std::unexpected(found.error());
  const Collection& collection = **find(request.collection);
  const CollectionInfo& info = collection.info;
  if (request.vector && info.dimension != 0 && request.vector->size() != info.dimension) {
    return refuse(Reason::mismatched_dimension,
                  cat("the vector has ", request.vector->size(), " dimensions, collection ",
                      info.name, " has ", info.dimension));
  }
  std::vector<FoundDocument> documents;
  if (*found == nullptr) return documents;
  const Partition& partition = **found;
  searches_.fetch_add(1, std::memory_order_relaxed);
  const WallMs time = now();
  std::optional<std::vector<float>> vector = request.vector;
  if (!request.id.empty()) {
    const auto slot = partition.find(request.id, time);
    if (!slot) return refuse(Reason::no_document, cat("there is no document ", request.id));
    vector = partition.vector(*slot);
  }
  std::optional<Query> query;
  if (vector) {
    auto made = make_query(*std::move(vector), info.metric);
    if (!made) return refuse(Reason::invalid_vector, std::move(made).error().what);
    query.emplace(*std::move(made));
  }
  auto scratch = take_scratch();
  const auto hits = partition.search({.query = query ? &*query : nullptr,
                                      .count = request.count,
                                      .filter = filter ? &*filter : nullptr,
                                      .now = time},
                                     *scratch);
  give_back(std::move(scratch));
  for (const Partition::Hit& hit : hits) {
    partition.touch(hit.slot);
    documents.push_back(copy_of(collection, partition, hit.slot, hit.score, request.with_vector));
  }
  return documents;
}

}  // namespace mynah::vector
