// SPDX-License-Identifier: Apache-2.0
// Lookup: one question's way through the cache, cheapest step first:
//
//   1. the store, by the fingerprint of the request              exact
//   2. the store, by the question's canonical form: a pointer    canonical
//   3. embedding, the nearest questions of the same scope, the gate's word on each, the store
//                                                                semantic
//
// An answer is kept once, under the fingerprint of the request that it answers. The pointer and the
// vector only name it, so that where it is gone they lead to nothing; a vector that does is
// removed. A name that an index or a pointer gives is believed only if it is the fingerprint of the
// question that comes with it, in the scope of the one who asks: no fault of an index leads to an
// answer of another scope.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "answer.h"
#include "config.h"
#include "gate/gate.h"
#include "question.h"

enum class HitKind : std::uint8_t { exact, canonical, semantic };

struct Hit {
  HitKind kind = HitKind::exact;
  Answer answer;
  double similarity = 1;
};

// Why there is no hit. When several questions were near, the nearest one's reason counts.
enum class Miss : std::uint8_t {
  bypassed,     // the client wants a new answer
  unmatchable,  // no question that can be put in other words
  unknown,      // nothing near
  refused,      // what is near asks something else, says the gate
  stale,        // older than the client takes
  lost,         // a question is near, but its answer is gone
  late,         // no answer within the time allowed
  failed,       // store, embedder or index
};
inline constexpr std::size_t kMisses = static_cast<std::size_t>(Miss::failed) + 1;
std::string_view name_of(Miss miss);

class Lookup final {
 public:
  // What is given outlives the look-up.
  Lookup(const Config& config, const Question& question) : config_(config), question_(question) {}

  // Looks for an answer of at most that age, for no longer than the configuration allows.
  mynah::Task<> run(std::int64_t age_max);
  // Keeps the answer, with all that later questions find it by.
  mynah::Task<> keep(Answer answer);
  // Removes vectors that led to nothing.
  mynah::Task<> sweep();

  [[nodiscard]] const std::optional<Hit>& hit() const { return hit_; }
  [[nodiscard]] Miss miss() const { return miss_; }
  // For people: the gate's reason and the words that decided.
  [[nodiscard]] const std::string& detail() const { return detail_; }

 private:
  enum class Asked : std::uint8_t { store, embedder, index };

  mynah::Task<> find(std::int64_t age_max);
  mynah::Task<> find_near(std::int64_t age_max);
  mynah::Task<bool> find_canonical(std::int64_t age_max);
  mynah::Task<bool> take(const std::string& fingerprint, HitKind kind, std::int64_t age_max);
  mynah::Task<std::optional<std::string>> read(const std::string& key);
  mynah::Task<bool> embed();
  mynah::Task<bool> write(const std::string& fingerprint, const Answer& answer);
  void count_failure(const mynah::Error& error);
  void note_miss(Miss miss, std::string detail = {});

  [[nodiscard]] bool is_matchable();
  [[nodiscard]] std::string key_of(std::string_view fingerprint) const;
  [[nodiscard]] std::string canonical_key();
  const gate::CanonicalForm& form();

  const Config& config_;
  const Question& question_;
  std::optional<gate::CanonicalForm> form_;
  std::optional<Vector> vector_;
  bool unembeddable_ = false;
  bool store_failed_ = false;
  std::optional<Hit> hit_;
  Miss miss_ = Miss::bypassed;
  std::string detail_;
  std::vector<std::string> lost_;  // names of vectors without an answer
  Asked asked_ = Asked::store;
};
