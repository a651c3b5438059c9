// SPDX-License-Identifier: Apache-2.0
// Lookup: one question's way through the cache, cheapest step first:
//
//   1. the store, by the fingerprint of the request              exact
//   2. a claim on the question, in the store                      joined
//   3. the store, by the question's canonical form: a pointer    canonical
//   4. embedding, the nearest questions of the same scope, the gate's word on each, the store
//                                                                semantic
//
// Whoever leads a flight makes the claim: among the machines that share the store, workers and
// replicas, one holds it, and it is that one's to ask the model. The others look again and again
// until the answer is there. A claim ends with the answer, or by itself, soon after its holder has
// stopped saying that it is still at work.
//
// An answer is kept once, under the fingerprint of the request that it answers. The pointer and the
// vector only name it, so that where it is gone they lead to nothing; a vector that does is
// removed. A name that an index or a pointer gives is believed only if it is the fingerprint of the
// question that comes with it, in the scope of the one who asks: no fault of an index leads to an
// answer of another scope.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "answer.h"
#include "config.h"
#include "gate/gate.h"
#include "hit.h"
#include "question.h"

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
  enum class Claiming : std::uint8_t { no, yes };

  // What is given outlives the look-up.
  Lookup(const Config& config, const Question& question, Claiming claiming)
      : config_(config), question_(question), claiming_(claiming) {}

  // Looks for an answer of at most that age, for no longer than the configuration allows.
  mynah::Task<> run(std::int64_t age_max);
  // Says that the model is still being asked, for as long as nobody ends it.
  mynah::Task<> hold_claim();
  // Keeps the answer, with all that later questions find it by.
  mynah::Task<> keep(Answer answer);
  // Removes vectors that led to nothing, and the claim if it still stands.
  mynah::Task<> sweep();

  [[nodiscard]] const std::optional<Hit>& hit() const { return hit_; }
  // What was kept and is past its time, when there is no hit.
  [[nodiscard]] const std::optional<Hit>& stale() const { return stale_; }
  [[nodiscard]] bool holds_claim() const { return claim_ == Claim::ours; }
  [[nodiscard]] Miss miss() const { return miss_; }
  // For people: the gate's reason and the words that decided.
  [[nodiscard]] const std::string& detail() const { return detail_; }

 private:
  enum class Asked : std::uint8_t { store, embedder, index };

  enum class Claim : std::uint8_t { none, ours, theirs };

  mynah::Task<> within_patience(mynah::Task<>&& step);
  mynah::Task<> find(std::int64_t age_max);
  mynah::Task<> find_in_other_words(std::int64_t age_max);
  mynah::Task<> claim(HitKind kind, std::int64_t age_max);
  mynah::Task<> await_claimant(std::int64_t age_max);
  mynah::Task<> find_near(std::int64_t age_max);
  mynah::Task<bool> find_canonical(std::int64_t age_max);
  mynah::Task<bool> take(const std::string& fingerprint, HitKind kind, std::int64_t age_max);
  bool accept(std::optional<std::string> record, const std::string& fingerprint, HitKind kind,
              std::int64_t age_max);
  mynah::Task<std::optional<std::vector<mynah::Resp>>> pipeline(
      std::span<const std::vector<std::string_view>> commands);
  mynah::Task<std::optional<std::string>> read(const std::string& key);
  mynah::Task<bool> embed();
  mynah::Task<bool> write(const std::string& fingerprint, const Answer& answer);
  [[nodiscard]] std::chrono::seconds life_in_store(const Answer& answer) const;
  [[nodiscard]] HangsOn depends();
  void count_failure(const mynah::Error& error);
  void note_miss(Miss miss, std::string detail = {});

  [[nodiscard]] bool is_matchable();
  [[nodiscard]] std::string key_of(std::string_view fingerprint) const;
  [[nodiscard]] std::string claim_key() const;
  [[nodiscard]] std::string canonical_key();
  const gate::CanonicalForm& form();

  const Config& config_;
  const Question& question_;
  const Claiming claiming_;
  Claim claim_ = Claim::none;
  std::optional<gate::CanonicalForm> form_;
  std::optional<std::string> pointer_;  // what the canonical form leads to; empty: nothing
  std::optional<Vector> vector_;
  bool unembeddable_ = false;
  bool store_failed_ = false;
  std::optional<Hit> hit_;
  std::optional<Hit> stale_;
  Miss miss_ = Miss::bypassed;
  std::string detail_;
  std::vector<std::string> lost_;  // names of vectors without an answer
  Asked asked_ = Asked::store;
};
