// SPDX-License-Identifier: Apache-2.0
// Every step may be the last one: the budget cuts the whole off where it waits. What was found out
// until then, the vector above all, is kept in the object.
#include "lookup.h"

#include <utility>

#include "base/text.h"
#include "counters.h"
#include <mynah/hash.h>
#include <mynah/log.h>
#include <mynah/wait.h>

using namespace mynah;

namespace {

constexpr std::string_view kMissNames[] = {"bypassed", "unmatchable", "unknown", "refused",
                                           "stale",    "lost",        "late",    "failed"};
static_assert(std::size(kMissNames) == kMisses);

// In the order of Lookup::Asked.
constexpr std::string_view kServices[] = {"store", "embedder", "index"};

std::int64_t seconds_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(now().time_since_epoch()).count();
}

}  // namespace

std::string_view name_of(Miss miss) { return kMissNames[static_cast<std::size_t>(miss)]; }

Task<> Lookup::run(std::int64_t age_max) {
  miss_ = Miss::unknown;
  const auto done = co_await with_timeout(find(age_max), config_.patience);
  if (done) co_return;
  note_miss(Miss::late, std::string(kServices[static_cast<std::size_t>(asked_)]));
  if (asked_ == Asked::embedder) config_.embedder().punctuality.failed();
  if (asked_ == Asked::index) config_.index().punctuality.failed();
  store_failed_ = asked_ == Asked::store;
  count_failure(done.error());
}

Task<> Lookup::find(std::int64_t age_max) {
  if (co_await take(question_.fingerprint(), HitKind::exact, age_max)) co_return;
  if (store_failed_ || miss_ == Miss::stale) co_return;
  if (!is_matchable()) co_return note_miss(Miss::unmatchable);
  if (co_await find_canonical(age_max) || store_failed_) co_return;
  // A question that points to what is not in it is served to none but its equals.
  if (form().pointing) co_return note_miss(Miss::unmatchable);
  co_await find_near(age_max);
}

Task<bool> Lookup::find_canonical(std::int64_t age_max) {
  const auto fingerprint = co_await read(canonical_key());
  if (!fingerprint || *fingerprint == question_.fingerprint()) co_return false;
  co_return co_await take(*fingerprint, HitKind::canonical, age_max);
}

Task<> Lookup::find_near(std::int64_t age_max) {
  // Who has been late again and again is not waited for, though vectors are still made and kept.
  if (config_.embedder().punctuality.is_open()) co_return note_miss(Miss::late, "embedder");
  if (config_.index().punctuality.is_open()) co_return note_miss(Miss::late, "index");
  if (!co_await embed()) co_return;
  config_.embedder().punctuality.succeeded();
  asked_ = Asked::index;
  const auto near = co_await config_.index().nearest(*vector_, question_.scope);
  config_.index().punctuality.succeeded();
  if (!near) {
    count_failure(near.error());
    co_return note_miss(Miss::failed, "index");
  }
  bool first = true;
  for (const Neighbour& neighbour : *near) {
    if (!config_.index().is_near(neighbour.score)) continue;
    if (question_.fingerprint_of(neighbour.question) != neighbour.id) continue;
    const auto verdict = gate::judge(form(), gate::canonical(neighbour.question));
    if (!verdict.served()) {
      refusals[static_cast<std::size_t>(verdict.reason)].add();
      if (first) note_miss(Miss::refused, cat(gate::name_of(verdict.reason), " ", verdict.detail));
      first = false;
      continue;
    }
    if (co_await take(neighbour.id, HitKind::semantic, age_max)) {
      hit_->similarity = config_.index().similarity(neighbour.score);
      co_return;
    }
    if (store_failed_) co_return;
    if (miss_ != Miss::stale) {
      lost_.push_back(neighbour.id);
      note_miss(Miss::lost);
    }
    first = false;
  }
}

// Whether the store has an answer of that name that will do.
Task<bool> Lookup::take(const std::string& fingerprint, HitKind kind, std::int64_t age_max) {
  const auto record = co_await read(key_of(fingerprint));
  auto answer = record ? Answer::from_record(*record) : std::nullopt;
  if (!answer) co_return false;
  // What a pointer named has to be an answer in this very scope.
  if (kind != HitKind::exact && question_.fingerprint_of(answer->question) != fingerprint)
    co_return false;
  if (age_of(*answer) > age_max) {
    note_miss(Miss::stale);
    co_return false;
  }
  hit_ = Hit{kind, *std::move(answer)};
  co_return true;
}

Task<std::optional<std::string>> Lookup::read(const std::string& key) {
  asked_ = Asked::store;
  auto value = co_await config_.store.redis.get(key);
  if (value) co_return *std::move(value);
  store_failed_ = true;
  note_miss(Miss::failed, "store");
  count_failure(value.error());
  co_return std::nullopt;
}

Task<bool> Lookup::embed() {
  if (vector_) co_return true;
  if (unembeddable_) co_return false;
  asked_ = Asked::embedder;
  auto vector = co_await config_.embedder().embed(question_.text);
  if (vector) {
    vector_ = *std::move(vector);
    co_return true;
  }
  unembeddable_ = true;
  if (vector.error().code == Errc::unsupported) {
    note_miss(Miss::unmatchable, "embedder");
    log_info(vector.error().what);
  } else {
    note_miss(Miss::failed, "embedder");
    count_failure(vector.error());
  }
  co_return false;
}

Task<> Lookup::keep(Answer answer) {
  answer.created = seconds_now();
  if (is_matchable()) answer.question = question_.text;
  const std::string fingerprint = question_.fingerprint();
  if (!co_await write(fingerprint, answer)) co_return;
  kept.add();
  if (!is_matchable() || form().pointing || !co_await embed()) co_return;
  asked_ = Asked::index;
  const Status added = co_await config_.index().add(
      *vector_, question_.scope, {fingerprint, question_.text}, config_.store.life);
  if (!added) co_return count_failure(added.error());
  indexed.add();
}

// The answer, and the pointer to it if there is one.
Task<bool> Lookup::write(const std::string& fingerprint, const Answer& answer) {
  asked_ = Asked::store;
  const Redis& redis = config_.store.redis;
  const auto life = config_.store.life;
  const std::string key = key_of(fingerprint);
  const std::string record = answer.record();
  Status done =
      life.count() == 0 ? co_await redis.set(key, record) : co_await redis.set(key, record, life);
  if (done && is_matchable()) {
    const std::string pointer = canonical_key();
    done = life.count() == 0 ? co_await redis.set(pointer, fingerprint)
                             : co_await redis.set(pointer, fingerprint, life);
  }
  if (!done) count_failure(done.error());
  co_return static_cast<bool>(done);
}

Task<> Lookup::sweep() {
  if (lost_.empty() || !vector_) co_return;
  asked_ = Asked::index;
  const auto lost = std::exchange(lost_, {});
  const Status done = co_await config_.index().remove(*vector_, question_.scope, lost);
  if (!done) count_failure(done.error());
}

void Lookup::count_failure(const Error& error) {
  // Who is left alone has been told of before.
  if (error.code == Errc::exhausted) return;
  Counter* const counters[] = {&store_errors, &embedder_errors, &index_errors};
  const auto which = static_cast<std::size_t>(asked_);
  counters[which]->add();
  log_warn("the ", kServices[which], " fails, so the cache does without: ", error.what);
}

void Lookup::note_miss(Miss miss, std::string detail) {
  miss_ = miss;
  detail_ = std::move(detail);
}

bool Lookup::is_matchable() {
  return config_.semantic && !question_.text.empty() && !form().opaque;
}

std::string Lookup::key_of(std::string_view fingerprint) const {
  return cat(config_.prefix(), fingerprint);
}

std::string Lookup::canonical_key() {
  return cat(config_.prefix(), "words:", Sha256().add(question_.scope).add(form().text).hex());
}

const gate::CanonicalForm& Lookup::form() {
  if (!form_) form_ = gate::canonical(question_.text);
  return *form_;
}
