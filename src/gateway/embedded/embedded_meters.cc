// SPDX-License-Identifier: Apache-2.0
// Names of metrics, and what they follow.
#include "gateway/embedded/embedded_meters.h"

#include "base/text.h"

namespace mynah {
namespace {

Counter& lookups(Metrics& metrics, std::string_view result) {
  return metrics
      .counters("mynah_store_lookups_total", "Keys that were looked up in the store.", {"result"})
      .with({result});
}

Histogram& seconds(Metrics& metrics, std::string_view call) {
  return metrics
      .histograms("mynah_vector_request_seconds", "Requests to the vector index, by call.",
                  {"call"}, seconds_bounds())
      .with({call});
}

}  // namespace

EmbeddedMeters::EmbeddedMeters(Metrics& metrics, store::Store& store, vector::Database& vectors)
    : store_(store),
      vectors_(vectors),
      store_keys_(metrics.gauge("mynah_store_keys", "Keys in the store.")),
      store_bytes_(metrics.gauge("mynah_store_bytes", "Memory that the store's keys take.")),
      store_unwritten_(metrics.gauge("mynah_store_unwritten_changes",
                                     "Changes of the store that are not on disk yet.")),
      store_disk_healthy_(
          metrics.gauge("mynah_store_disk_healthy", "1 while the store reaches its disk.")),
      store_hits_{lookups(metrics, "hit")},
      store_misses_{lookups(metrics, "miss")},
      store_evicted_{metrics.counter("mynah_store_evicted_total",
                                     "Keys that the store dropped for lack of memory.")},
      store_expired_{
          metrics.counter("mynah_store_expired_total", "Keys of the store that ended in time.")},
      vector_collections_(metrics.gauge("mynah_vector_collections", "Collections of vectors.")),
      vector_documents_(metrics.gauge("mynah_vector_documents", "Documents in all collections.")),
      vector_pending_(metrics.gauge("mynah_vector_pending_documents",
                                    "Documents that wait to be linked into the index.")),
      vector_bytes_(metrics.gauge("mynah_vector_bytes", "Memory that the vector index takes.")),
      vector_unwritten_(metrics.gauge("mynah_vector_unwritten_changes",
                                      "Changes of the vector index that are not on disk yet.")),
      vector_disk_healthy_(
          metrics.gauge("mynah_vector_disk_healthy", "1 while the vector index reaches its disk.")),
      vector_searches_{metrics.counter("mynah_vector_searches_total", "Searches for vectors.")},
      vector_written_{
          metrics.counter("mynah_vector_written_total", "Documents that were written.")},
      vector_linked_{metrics.counter("mynah_vector_linked_total",
                                     "Documents that were linked into the index.")},
      vector_evicted_{metrics.counter("mynah_vector_evicted_total",
                                      "Documents that were dropped for lack of memory.")},
      vector_expired_{
          metrics.counter("mynah_vector_expired_total", "Documents that ended in time.")} {}

void EmbeddedMeters::read() {
  const auto set = [](Gauge& gauge, std::uint64_t value) {
    gauge.set(Slot::shared(), static_cast<std::int64_t>(value));
  };
  const store::StoreNumbers kept = store_.numbers();
  set(store_keys_, kept.keys);
  set(store_bytes_, kept.memory_bytes);
  set(store_unwritten_, kept.unwritten);
  set(store_disk_healthy_, store_.is_disk_healthy() ? 1 : 0);
  store_hits_.follow(kept.hits);
  store_misses_.follow(kept.misses);
  store_evicted_.follow(kept.evicted);
  store_expired_.follow(kept.expired);

  const vector::DatabaseNumbers found = vectors_.numbers();
  set(vector_collections_, found.collections);
  set(vector_documents_, found.documents);
  set(vector_pending_, found.pending);
  set(vector_bytes_, found.memory_bytes);
  set(vector_unwritten_, found.unwritten);
  set(vector_disk_healthy_, vectors_.is_disk_healthy() ? 1 : 0);
  vector_searches_.follow(found.searches);
  vector_written_.follow(found.written);
  vector_linked_.follow(found.linked);
  vector_evicted_.follow(found.evicted);
  vector_expired_.follow(found.expired);
}

VectorTimes::VectorTimes(Metrics& metrics)
    : query_(seconds(metrics, "query")),
      write_(seconds(metrics, "write")),
      fetch_(seconds(metrics, "fetch")),
      erase_(seconds(metrics, "delete")),
      other_(seconds(metrics, "other")) {}

Histogram& VectorTimes::of(std::string_view method, std::string_view path) const {
  path = cut(path, "?").before;
  if (path.ends_with("/query")) return query_;
  if (path.ends_with("/docs/upsert")) return write_;
  if (!path.ends_with("/docs")) return other_;
  if (method == "GET") return fetch_;
  return method == "DELETE" ? erase_ : write_;
}

}  // namespace mynah
