// SPDX-License-Identifier: Apache-2.0
// What the embedded store and the vector index tell metrics: they count for themselves, and are
// asked when somebody looks at the metrics.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "store/store.h"
#include "vector/database.h"

namespace mynah {

class EmbeddedMeters final {
 public:
  // All of them outlive it.
  EmbeddedMeters(Metrics& metrics, store::Store& store, vector::Database& vectors);

  // Before metrics are shown; by one thread at a time.
  void read();

 private:
  // A counter that is brought up to what has been counted elsewhere.
  struct Followed {
    Counter& counter;
    std::uint64_t seen = 0;

    void follow(std::uint64_t value) {
      counter.add(Slot::shared(), value - seen);
      seen = value;
    }
  };

  store::Store& store_;
  vector::Database& vectors_;

  Gauge& store_keys_;
  Gauge& store_bytes_;
  Gauge& store_unwritten_;
  Gauge& store_disk_healthy_;
  Followed store_hits_;
  Followed store_misses_;
  Followed store_evicted_;
  Followed store_expired_;

  Gauge& vector_collections_;
  Gauge& vector_documents_;
  Gauge& vector_pending_;
  Gauge& vector_bytes_;
  Gauge& vector_unwritten_;
  Gauge& vector_disk_healthy_;
  Followed vector_searches_;
  Followed vector_written_;
  Followed vector_linked_;
  Followed vector_evicted_;
  Followed vector_expired_;
};

// How long requests to the vector index take, its thread pool's queue included; by call.
class VectorTimes final {
 public:
  explicit VectorTimes(Metrics& metrics);

  Histogram& of(std::string_view method, std::string_view path) const;

 private:
  Histogram& query_;
  Histogram& write_;
  Histogram& fetch_;
  Histogram& erase_;
  Histogram& other_;
};

}  // namespace mynah
