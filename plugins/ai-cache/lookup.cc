// SPDX-License-Identifier: Apache-2.0
// Every step may be the last one: the budget cuts the whole off where it waits. What was found out
// until then, the vector above all, is kept in the object.
#include "lookup.h"

#include <algorithm>
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

// A claim that nobody prolongs ends after this time. It is prolonged well before.
constexpr std::chrono::milliseconds kClaimLife{3000};
// How often one looks whether another's question has been answered.
constexpr Duration kPollMin = std::chrono::milliseconds(20);
constexpr Duration kPollMax = std::chrono::milliseconds(250);

// In the order of Lookup::Asked.
constexpr std::string_view kServices[] = {"store", "embedder", "index"};

}  // namespace

std::string_view name_of(Miss miss) { return kMissNames[static_cast<std::size_t>(miss)]; }

Task<> Lookup::run(std::int64_t age_max) {
  miss_ = Miss::unknown;
  co_await within_patience(find(age_max));
  if (claim_ != Claim::theirs) co_return;
  if (stale_) {  // Somebody else asks for a new one.
    hit_ = std::exchange(stale_, std::nullopt);
    co_return;
  }
  // When this takes too long, the model is asked twice.
  (co_await with_timeout(await_claimant(age_max), config_.coalescing.patience)).ignore();
  if (!hit_ && claim_ == Claim::ours) co_await within_patience(find_in_other_words(age_max));
}

Task<> Lookup::within_patience(Task<>&& step) {
  const auto done = co_await with_timeout(step, config_.patience);
  if (done) co_return;
  note_miss(Miss::late, std::string(kServices[static_cast<std::size_t>(asked_)]));
  if (asked_ == Asked::embedder) config_.embedder().punctuality.failed();
  if (asked_ == Asked::index) config_.index().punctuality.failed();
  store_failed_ = asked_ == Asked::store;
  count_failure(done.error());
}

Task<> Lookup::find(std::int64_t age_max) {
  if (co_await take(question_.fingerprint(), HitKind::exact, age_max)) co_return;
  if (store_failed_) co_return;
  if (claiming_ == Claiming::yes) {
    co_await claim(HitKind::exact, age_max);
    if (hit_ || claim_ == Claim::theirs) co_return;
  }
  co_await find_in_other_words(age_max);
}

// Tries to get hold of the question. In the same breath the store is asked for the answer, since
// whoever held the claim a moment ago has kept it before the claim ended, and for what is wanted
// next: the pointer of the canonical form.
Task<> Lookup::claim(HitKind kind, std::int64_t age_max) {
  const std::string lock = claim_key();
  const std::string key = key_of(question_.fingerprint());
  const std::string& token = config_.flights.token();
  const std::string life = cat(std::chrono::milliseconds(kClaimLife).count());
  const std::string words = is_matchable() ? canonical_key() : key;
  const std::vector<std::string_view> commands[] = {
      {"set", lock, token, "nx", "px", life}, {"get", lock}, {"get", key}, {"get", words}};
  claim_ = Claim::none;
  const auto replies = co_await pipeline(commands);
  if (!replies) co_return;
  claim_ = (*replies)[1].text.view() == token ? Claim::ours : Claim::theirs;
  pointer_ = std::string((*replies)[3].text.view());
  const Resp& record = (*replies)[2];
  if (!record.is_null())
    accept(std::string(record.text.view()), question_.fingerprint(), kind, age_max);
}

// Until the answer is there, or the claim has become ours.
Task<> Lookup::await_claimant(std::int64_t age_max) {
  for (Duration pause = kPollMin;; pause = std::min(pause * 3 / 2, kPollMax)) {
    co_await sleep(pause);  // tidy: allow sleep: a timer
    co_await claim(HitKind::joined, age_max);
    if (hit_ || claim_ != Claim::theirs) co_return;
  }
}

Task<> Lookup::hold_claim() {
  const std::string lock = claim_key();
  while (true) {
    co_await sleep(kClaimLife / 3);  // tidy: allow sleep: a timer
    // A claim that has ended costs the others a question of their own.
    if (claim_ == Claim::ours) (co_await config_.store.redis.expire(lock, kClaimLife)).ignore();
  }
}

Task<> Lookup::find_in_other_words(std::int64_t age_max) {
  if (miss_ == Miss::stale) co_return;
  if (!is_matchable()) co_return note_miss(Miss::unmatchable);
  if (co_await find_canonical(age_max) || store_failed_) co_return;
  // A question that points to what is not in it is served to none but its equals.
  if (form().pointing) co_return note_miss(Miss::unmatchable);
  co_await find_near(age_max);
}

Task<bool> Lookup::find_canonical(std::int64_t age_max) {
  if (!pointer_) pointer_ = (co_await read(canonical_key())).value_or("");
  const std::string& fingerprint = *pointer_;
  if (fingerprint.empty() || fingerprint == question_.fingerprint()) co_return false;
  co_return co_await take(fingerprint, HitKind::canonical, age_max);
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
  co_return accept(co_await read(key_of(fingerprint)), fingerprint, kind, age_max);
}

bool Lookup::accept(std::optional<std::string> record, const std::string& fingerprint, HitKind kind,
                    std::int64_t age_max) {
  auto answer = record ? Answer::from_record(*record) : std::nullopt;
  if (!answer) return false;
  // What a pointer named has to be an answer in this very scope.
  const bool named = kind == HitKind::canonical || kind == HitKind::semantic;
  if (named && question_.fingerprint_of(answer->question) != fingerprint) return false;
  const std::int64_t age = age_of(*answer);
  if (age > age_max || (answer->life > 0 && age >= answer->life)) {
    note_miss(Miss::stale);
    if (age <= age_max && !named) stale_ = Hit{kind, *std::move(answer), 1, true};
    return false;
  }
  hit_ = Hit{kind, *std::move(answer)};
  return true;
}

Task<std::optional<std::vector<Resp>>> Lookup::pipeline(
    std::span<const std::vector<std::string_view>> commands) {
  asked_ = Asked::store;
  auto replies = co_await config_.store.redis.pipeline(commands);
  Status done = replies ? ok() : replies.error();
  for (std::size_t i = 0; done && i < replies->size(); ++i) {
    if ((*replies)[i].is_error())
      done = Error{Errc::unavailable, cat("Redis: ", (*replies)[i].text.view())};
  }
  if (done) co_return *std::move(replies);
  store_failed_ = true;
  note_miss(Miss::failed, "store");
  count_failure(done.error());
  co_return std::nullopt;
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
  const std::int32_t most = config_.volatility.life(depends());
  if (most == 0) co_return volatile_answers.add();
  answer.life = config_.store.life_of_one(most).count();
  // What a tool is called with hangs on the very words.
  const bool matchable = is_matchable() && !answer.calls_tools();
  if (matchable) answer.question = question_.text;
  const std::string fingerprint = question_.fingerprint();
  if (!co_await write(fingerprint, answer)) co_return;
  kept.add();
  if (!matchable || form().pointing || !co_await embed()) co_return;
  asked_ = Asked::index;
  const Status added = co_await config_.index().add(
      *vector_, question_.scope, {fingerprint, question_.text}, life_in_store(answer));
  if (!added) co_return count_failure(added.error());
  indexed.add();
}

// The answer, the pointer to it if there is one, and the end of the claim.
Task<bool> Lookup::write(const std::string& fingerprint, const Answer& answer) {
  const auto kept_for = life_in_store(answer);
  const std::string life = cat(kept_for.count());
  const std::string key = key_of(fingerprint);
  const std::string record = answer.record();
  const std::string pointer = answer.question.empty() ? "" : canonical_key();
  const std::string lock = claim_key();
  std::vector<std::vector<std::string_view>> commands = {{"set", key, record}};
  if (!pointer.empty()) commands.push_back({"set", pointer, fingerprint});
  if (kept_for.count() > 0) {
    for (auto& words : commands) words.insert(words.end(), {"ex", life});
  }
  if (std::exchange(claim_, Claim::none) == Claim::ours) commands.push_back({"del", lock});
  co_return (co_await pipeline(commands)).has_value();
}

// Zero is for ever.
std::chrono::seconds Lookup::life_in_store(const Answer& answer) const {
  if (answer.life == 0) return std::chrono::seconds(0);
  return std::chrono::seconds(answer.life) + config_.store.stale_life;
}

// What the model says of long texts hangs on these, not on single words in them.
HangsOn Lookup::depends() {
  return question_.text.empty() || form().opaque ? HangsOn::words
                                                 : hangs_on(question_.text, form().text);
}

Task<> Lookup::sweep() {
  if (std::exchange(claim_, Claim::none) == Claim::ours && !store_failed_) {
    const std::string lock = claim_key();
    const std::vector<std::string_view> commands[] = {{"del", lock}};
    co_await pipeline(commands);
  }
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

std::string Lookup::claim_key() const {
  return cat(config_.prefix(), "asked:", question_.fingerprint());
}

std::string Lookup::canonical_key() {
  return cat(config_.prefix(), "words:", Sha256().add(question_.scope).add(form().text).hex());
}

const gate::CanonicalForm& Lookup::form() {
  if (!form_) form_ = gate::canonical(question_.text);
  return *form_;
}
