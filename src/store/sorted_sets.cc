// SPDX-License-Identifier: Apache-2.0
// Sorted sets: members and scores. Ranges are in sorted_ranges.cc.
#include <cmath>

#include "store/command.h"
#include "store/numbers.h"

namespace mynah::store {
namespace {

struct AddOptions {
  bool only_new = false;
  bool only_old = false;
  bool greater = false;
  bool less = false;
  bool count_changed = false;
  bool increment = false;
  std::size_t first = 2;  // the word of the first score
};

std::optional<Resp> parse_options(const Call& call, AddOptions& options) {
  for (; options.first < call.size(); ++options.first) {
    const std::string_view word = call[options.first];
    if (is_word(word, "nx")) {
      options.only_new = true;
    } else if (is_word(word, "xx")) {
      options.only_old = true;
    } else if (is_word(word, "gt")) {
      options.greater = true;
    } else if (is_word(word, "lt")) {
      options.less = true;
    } else if (is_word(word, "ch")) {
      options.count_changed = true;
    } else if (is_word(word, "incr")) {
      options.increment = true;
    } else {
      break;
    }
  }
  const std::size_t words = call.size() - options.first;
  if (words == 0 || words % 2 != 0) return syntax_error();
  if (options.only_new && options.only_old) {
    return err("ERR XX and NX options at the same time are not compatible");
  }
  if ((options.greater && options.only_new) || (options.less && options.only_new) ||
      (options.greater && options.less)) {
    return err("ERR GT, LT, and/or NX options at the same time are not compatible");
  }
  if (options.increment && words > 2) {
    return err("ERR INCR option supports a single increment-element pair");
  }
  return std::nullopt;
}

Resp not_a_number() { return err("ERR resulting score is not a number (NaN)"); }

// What became of one score and member.
struct Outcome {
  bool added = false;
  bool updated = false;
  std::optional<double> score;  // none when the options kept it from being applied
};

Outcome apply(SortedSet& set, const AddOptions& options, double score, std::string_view member) {
  ScoredNode* node = set.find(member);
  if (node == nullptr) {
    if (options.only_old) return {};
    set.add(member, score);
    return {.added = true, .score = score};
  }
  if (options.only_new) return {};
  if (options.increment) score += node->score;
  if (std::isnan(score)) return {.score = score};
  if ((options.greater && score <= node->score) || (options.less && score >= node->score))
    return {};
  const bool updated = score != node->score;
  set.rescore(*node, score);
  return {.updated = updated, .score = score};
}

Resp add_scores(Call& call, const AddOptions& options) {
  std::vector<double> scores;
  for (std::size_t i = options.first; i < call.size(); i += 2) {
    const auto score = parse_real(call[i]);
    if (!score) return not_a_real();
    scores.push_back(*score);
  }
  const auto old = write<SortedSet>(call, 1);
  if (old.wrong) return wrong_type();
  if (!old && options.only_old) return options.increment ? Resp::null() : Resp::number(0);
  const auto set = ensure<SortedSet>(call, call[1]);
  std::int64_t added = 0;
  std::int64_t updated = 0;
  std::optional<double> last;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const Outcome outcome = apply(*set, options, scores[i], call[options.first + i * 2 + 1]);
    added += outcome.added ? 1 : 0;
    updated += outcome.updated ? 1 : 0;
    last = outcome.score;
  }
  if (added + updated > 0) call.db.changed(*set.entry);
  if (!options.increment) return Resp::number(options.count_changed ? added + updated : added);
  if (!last) return Resp::null();
  return std::isnan(*last) ? not_a_number() : Resp::of_real(*last);
}

Resp zadd(Call& call) {
  AddOptions options;
  if (auto fault = parse_options(call, options)) return *std::move(fault);
  return add_scores(call, options);
}

Resp zincrby(Call& call) {
  AddOptions options;
  options.increment = true;
  return add_scores(call, options);
}

Resp zrem(Call& call) {
  const auto set = write<SortedSet>(call, 1);
  if (set.wrong) return wrong_type();
  std::int64_t removed = 0;
  if (!set) return Resp::number(0);
  for (const std::string_view member : call.words.subspan(2)) {
    ScoredNode* node = set->find(member);
    if (node == nullptr) continue;
    set->erase(*node);
    ++removed;
  }
  if (removed > 0) call.db.changed(*set.entry);
  return Resp::number(removed);
}

Resp score_or_null(const SortedSet* set, std::string_view member) {
  const ScoredNode* node = set == nullptr ? nullptr : set->find(member);
  return node == nullptr ? Resp::null() : Resp::of_real(node->score);
}

Resp zscore(Call& call) {
  const auto set = read<SortedSet>(call, 1);
  return set.wrong ? wrong_type() : score_or_null(set.value, call[2]);
}

Resp zmscore(Call& call) {
  const auto set = read<SortedSet>(call, 1);
  if (set.wrong) return wrong_type();
  Resp reply = Resp::array();
  for (const std::string_view member : call.words.subspan(2)) {
    reply.items.push_back(score_or_null(set.value, member));
  }
  return reply;
}

Resp zcard(Call& call) {
  const auto set = read<SortedSet>(call, 1);
  if (set.wrong) return wrong_type();
  return Resp::number(set ? static_cast<std::int64_t>(set->size()) : 0);
}

Resp rank(Call& call, bool reverse) {
  const auto set = read<SortedSet>(call, 1);
  if (set.wrong) return wrong_type();
  const ScoredNode* node = set ? set->find(call[2]) : nullptr;
  if (node == nullptr) return Resp::null();
  const std::size_t rank = set->order().rank(*node);
  return Resp::number(static_cast<std::int64_t>(reverse ? set->size() - 1 - rank : rank));
}

Resp zrank(Call& call) { return rank(call, false); }
Resp zrevrank(Call& call) { return rank(call, true); }

Resp pop(Call& call, bool largest) {
  if (call.size() > 3) return syntax_error();
  const bool many = call.size() == 3;
  const auto count = many ? parse_integer(call[2]) : std::optional<std::int64_t>(1);
  if (!count || *count < 0) return out_of_range_positive();
  const auto set = write<SortedSet>(call, 1);
  if (set.wrong) return wrong_type();
  Resp reply = many ? Resp::pairs() : Resp::array();
  if (!set) return reply;
  const auto taken = std::min(static_cast<std::size_t>(*count), set->size());
  for (std::size_t i = 0; i < taken; ++i) {
    ScoredNode& node = set->order().at(largest ? set->size() - 1 : 0);
    reply.items.push_back(Resp::bulk(node.key()));
    reply.items.push_back(Resp::of_real(node.score));
    set->erase(node);
  }
  if (taken > 0) call.db.changed(*set.entry);
  return reply;
}

Resp zpopmin(Call& call) { return pop(call, false); }
Resp zpopmax(Call& call) { return pop(call, true); }

constexpr Command kCommands[] = {
    {"zadd", -4, kWrites | kGrows, 1, 1, 1, zadd},
    {"zincrby", 4, kWrites | kGrows, 1, 1, 1, zincrby},
    {"zrem", -3, kWrites, 1, 1, 1, zrem},
    {"zscore", 3, kReads, 1, 1, 1, zscore},
    {"zmscore", -3, kReads, 1, 1, 1, zmscore},
    {"zcard", 2, kReads, 1, 1, 1, zcard},
    {"zrank", 3, kReads, 1, 1, 1, zrank},
    {"zrevrank", 3, kReads, 1, 1, 1, zrevrank},
    {"zpopmin", -2, kWrites, 1, 1, 1, zpopmin},
    {"zpopmax", -2, kWrites, 1, 1, 1, zpopmax},
};

}  // namespace

std::span<const Command> sorted_set_commands() { return kCommands; }

}  // namespace mynah::store
