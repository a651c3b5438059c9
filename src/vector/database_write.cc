// SPDX-License-Identifier: Apache-2.0
// Writing documents, one after the other: what is costly about one is done before the lock is
// taken.
#include <cmath>

#include "base/text.h"
#include "vector/database.h"

namespace mynah::vector {
namespace {

constexpr std::string_view kIdDigits = "0123456789abcdefghijklmnopqrstuv";
constexpr std::size_t kIdLength = 20;
// What a document costs beside its vector and fields, about.
constexpr std::size_t kOverheadBytes = 512;

Refusal refused(Reason reason, const Error& error) { return {reason, error.what}; }

}  // namespace

// Where documents go, as it was when the write began.
struct Database::Target {
  WriteKind kind = WriteKind::insert;
  CollectionInfo info;
  std::uint64_t number = 0;
  std::string partition;
};

// A document that is ready to be put in place.
struct Database::Prepared {
  std::string id;
  std::optional<Code> code;
  std::optional<std::string> fields;
  WallMs expires = kNeverExpires;
  bool has_lifetime = false;
};

// Makes the collection, and gives it the dimension of the first vector, where that is to be.
Answer<Database::Target> Database::target_of(WriteKind kind, std::string_view collection,
                                             std::string_view partition,
                                             const std::vector<NewDocument>& documents) {
  Target target;
  target.kind = kind;
  target.partition = partition.empty() ? kDefaultPartition : partition;
  if (!is_collection_name(target.partition)) {
    return refuse(Reason::invalid_partition_name,
                  "the name of a partition has 3 to 32 letters, digits, _ or -");
  }
  const std::unique_lock locked(lock_);
  auto found = collections_.find(collection);
  const bool is_new = found == collections_.end() || found->second.info.dimension == 0;
  if (is_new && kind != WriteKind::update && documents.front().vector) {
    if (!is_collection_name(collection)) {
      return refuse(Reason::invalid_collection_name,
                    "the name of a collection has 3 to 32 letters, digits, _ or -");
    }
    if (found == collections_.end() && collections_.size() >= kCollectionsMax)
      return refuse(Reason::invalid_argument,
                    cat("there are ", kCollectionsMax, " collections, the most"));
    CollectionInfo info;
    info.name = collection;
    info.dimension = documents.front().vector->size();
    info.origin = Origin::first_document;
    if (info.dimension < 1 || info.dimension > kDimensionMax)
      return refuse(Reason::invalid_dimension, cat("the dimension is not in 1…", kDimensionMax));
    record(encode_create(info));
    drop_all(collection);
    add_collection(std::move(info));
    found = collections_.find(collection);
  }
  if (found == collections_.end())
    return refuse(Reason::no_collection,
                  cat("there is no collection ", utf8_prefix(collection, 64)));
  Collection& owner = found->second;
  target.info = owner.info;
  target.number = owner.number;
  if (owner.partitions.contains(target.partition) || kind == WriteKind::update) return target;
  if (owner.info.origin == Origin::request) {
    return refuse(Reason::no_partition,
                  cat("collection ", collection, " has no partition ", target.partition));
  }
  if (owner.info.dimension == 0) return target;
  if (owner.partitions.size() >= kPartitionsMax)
    return refuse(Reason::invalid_argument,
                  cat("there are ", kPartitionsMax, " partitions, the most"));
  record(encode_create_partition(collection, target.partition));
  add_partition(owner, target.partition);
  return target;
}

Answer<Database::Prepared> Database::prepare(const Target& target, NewDocument& document) {
  const CollectionInfo& info = target.info;
  Prepared prepared;
  if (!document.id.empty() && !is_document_id(document.id)) {
    return refuse(Reason::invalid_id,
                  "the id of a document has 1 to 64 letters, digits or _ - ! @ # $ % + = .");
  }
  if (document.id.empty() && target.kind == WriteKind::update)
    return refuse(Reason::invalid_id, "an update names the document");
  prepared.id = std::move(document.id);
  if (!document.vector && target.kind != WriteKind::update)
    return refuse(Reason::invalid_vector, "a document has a vector");
  if (document.vector) {
    if (document.vector->size() != info.dimension) {
      return refuse(Reason::mismatched_dimension,
                    cat("the vector has ", document.vector->size(), " dimensions, collection ",
                        info.name, " has ", info.dimension,
                        info.origin == Origin::first_document ? ", that of its first vector" : ""));
    }
    if (info.element == ElementType::integer) {
      for (const float x : *document.vector) {
        if (x != std::round(x) || x < -128 || x > 127) {
          return refuse(Reason::mismatched_data_type,
                        cat("collection ", info.name, " holds whole numbers from -128 to 127"));
        }
      }
    }
    auto code = encode(*document.vector, info.metric);
    if (!code) return std::unexpected(refused(Reason::invalid_vector, code.error()));
    prepared.code.emplace(*std::move(code));
  }
  if (document.fields) {
    if (const Status fits = check_schema(*document.fields, info.schema); !fits)
      return std::unexpected(refused(Reason::mismatched_data_type, fits.error()));
    prepared.fields = std::move(document.fields);
  }
  if (document.lifetime) {
    prepared.has_lifetime = true;
    prepared.expires =
        now() + std::chrono::duration_cast<std::chrono::milliseconds>(*document.lifetime).count();
  }
  return prepared;
}

Answer<std::vector<WriteResult>> Database::write(WriteKind kind, std::string_view collection,
                                                 std::string_view partition,
                                                 std::vector<NewDocument> documents) {
  if (documents.empty()) return refuse(Reason::empty_documents, "there are no documents");
  if (documents.size() > kBatchMax)
    return refuse(Reason::invalid_batch, cat("more than ", kBatchMax, " documents"));
  const auto target = target_of(kind, collection, partition, documents);
  if (!target) return std::unexpected(target.error());
  std::vector<WriteResult> results;
  for (NewDocument& document : documents) {
    WriteResult& result = results.emplace_back();
    result.done = kind;
    result.id = document.id;
    const auto prepared = prepare(*target, document);
    const auto written =
        prepared ? write_one(*target, *prepared, result) : std::unexpected(prepared.error());
    if (!written) result.refusal = written.error();
    if (written) documents_written_.fetch_add(1, std::memory_order_relaxed);
  }
  wake();
  return results;
}

Answer<Unit> Database::write_one(const Target& target, const Prepared& prepared,
                                 WriteResult& result) {
  const std::unique_lock locked(lock_);
  const auto owner = collections_.find(target.info.name);
  if (owner == collections_.end() || owner->second.number != target.number)
    return refuse(Reason::no_collection, cat("collection ", target.info.name, " was deleted"));
  const auto found = owner->second.partitions.find(target.partition);
  if (found == owner->second.partitions.end() && target.kind == WriteKind::update)
    return refuse(Reason::no_document, cat("there is no document ", prepared.id));
  if (found == owner->second.partitions.end())
    return refuse(Reason::no_partition, cat("partition ", target.partition, " was deleted"));
  Partition& partition = *found->second;
  if (result.id.empty()) {
    Prepared named = prepared;
    named.id = result.id = make_id();
    return put(target, partition, named, prepared.fields.value_or(""));
  }
  const bool exists = partition.find(prepared.id, now()).has_value();
  if (target.kind == WriteKind::update) return update(target, partition, prepared);
  if (target.kind == WriteKind::insert && exists)
    return refuse(Reason::duplicate_document, cat("document ", prepared.id, " exists"));
  if (target.kind == WriteKind::upsert)
    result.done = exists ? WriteKind::update : WriteKind::insert;
  return put(target, partition, prepared, prepared.fields.value_or(""));
}

Answer<Unit> Database::put(const Target& target, Partition& partition, const Prepared& prepared,
                           std::string_view fields) {
  const std::size_t bytes = 2 * prepared.code->high.size() + fields.size() + kOverheadBytes;
  if (!make_room(bytes)) {
    return refuse(Reason::invalid_write, cat("the vectors would take more than the ",
                                             options_.memory_bytes, " bytes that they may"));
  }
  const std::size_t before = partition.memory_bytes();
  partition.put(prepared.id, *prepared.code, fields, prepared.expires);
  memory_ += partition.memory_bytes() - before;
  if (log_ == nullptr) return Unit{};
  record(encode_put(target.info.name, target.partition,
                    {.view = {.id = prepared.id,
                              .fields = fields,
                              .low = prepared.code->low,
                              .norm = prepared.code->norm,
                              .expires = prepared.expires},
                     .step = prepared.code->scale.step,
                     .high = prepared.code->high,
                     .dimension = target.info.dimension}));
  return Unit{};
}

// Fields that the update does not name stay, and so do the vector and the end without a new one.
Answer<Unit> Database::update(const Target& target, Partition& partition,
                              const Prepared& prepared) {
  const auto slot = partition.find(prepared.id, now());
  if (!slot) return refuse(Reason::no_document, cat("there is no document ", prepared.id));
  const DocumentView before = partition.document(*slot);
  std::string fields(before.fields);
  if (prepared.fields) {
    auto merged = merge_fields(before.fields, *prepared.fields);
    if (!merged) return std::unexpected(refused(Reason::invalid_field, merged.error()));
    fields = *std::move(merged);
  }
  Prepared whole = prepared;
  if (!prepared.has_lifetime) whole.expires = before.expires;
  if (whole.code) return put(target, partition, whole, fields);
  const std::size_t bytes = partition.memory_bytes();
  partition.change(*slot, fields, whole.expires);
  memory_ += partition.memory_bytes() - bytes;
  record(encode_put(target.info.name, target.partition,
                    {.view = partition.document(*slot),
                     .step = partition.graph().scale(*slot).step,
                     .high = partition.graph().high(*slot),
                     .dimension = target.info.dimension}));
  return Unit{};
}

Answer<std::size_t> Database::erase(std::string_view collection, std::string_view partition,
                                    const std::vector<std::string>& ids) {
  if (ids.size() > kBatchMax)
    return refuse(Reason::invalid_batch, cat("more than ", kBatchMax, " ids"));
  std::size_t erased = 0;
  {
    const std::unique_lock locked(lock_);
    const auto found = find(collection, partition);
    if (!found) return std::unexpected(found.error());
    if (*found == nullptr) return 0;
    for (const std::string& id : ids) {
      const auto slot = (*found)->find(id, now());
      if (!slot) continue;
      erase_slot(collection, partition.empty() ? kDefaultPartition : partition, **found, *slot);
      ++erased;
    }
  }
  wake();
  return erased;
}

void Database::erase_slot(std::string_view collection, std::string_view partition_name,
                          Partition& partition, Slot slot) {
  record(encode_erase(collection, partition_name, partition.document(slot).id));
  const std::size_t before = partition.memory_bytes();
  partition.erase(slot);
  memory_ -= before - partition.memory_bytes();
}

Answer<Unit> Database::clear(std::string_view collection, std::string_view partition) {
  const std::unique_lock locked(lock_);
  const auto found = find(collection, partition);
  if (!found) return std::unexpected(found.error());
  if (*found == nullptr) return Unit{};
  const std::string_view name = partition.empty() ? kDefaultPartition : partition;
  record(encode_clear(collection, name));
  drop_from(**find(collection), name);
  add_partition(**find(collection), std::string(name));
  return Unit{};
}

bool Database::make_room(std::size_t bytes) {
  while (memory_ + bytes > options_.memory_bytes) {
    if (!evict_one()) return false;
  }
  return true;
}

// Partitions give something up in turn.
bool Database::evict_one() {
  Partition* victim = nullptr;
  std::pair<std::string_view, std::string_view> names;
  for (const bool after : {true, false}) {
    for (auto& [name, collection] : collections_) {
      if (collection.info.origin != Origin::first_document) continue;
      for (auto& [partition_name, partition] : collection.partitions) {
        if (partition->size() == 0 || (after && partition->number() <= evicted_from_)) continue;
        if (victim != nullptr && victim->number() <= partition->number()) continue;
        victim = partition.get();
        names = {name, partition_name};
      }
    }
    if (victim != nullptr) break;
  }
  if (victim == nullptr) return false;
  evicted_from_ = victim->number();
  const std::size_t before = victim->memory_bytes();
  std::string id;
  victim->evict(id);
  evicted_.fetch_add(1, std::memory_order_relaxed);
  memory_ -= before - victim->memory_bytes();
  record(encode_erase(names.first, names.second, id));
  return true;
}

// 100 bits of chance, so that nobody has the same.
std::string Database::make_id() {
  std::string id;
  for (std::size_t i = 0; i < kIdLength; ++i) id += kIdDigits[random_.below(kIdDigits.size())];
  return id;
}

}  // namespace mynah::vector
