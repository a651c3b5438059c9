// SPDX-License-Identifier: Apache-2.0
// Ranges of sorted sets, by rank, by score and by member: each kind is first made into ranks, then
// walked.
#include <algorithm>
#include <limits>

#include "store/command.h"
#include "store/numbers.h"

namespace mynah::store {
namespace {

enum class By : std::uint8_t { rank, score, member };

// From rank `begin` up to `end`, not included.
struct Ranks {
  std::size_t begin = 0;
  std::size_t end = 0;
  [[nodiscard]] std::size_t count() const { return end > begin ? end - begin : 0; }
};

struct ScoreBound {
  double score = 0;
  bool open = false;
};

std::optional<ScoreBound> parse_score(std::string_view word) {
  ScoreBound bound;
  if (word.starts_with('(')) {
    bound.open = true;
    word.remove_prefix(1);
  }
  const auto score = parse_real(word);
  if (!score) return std::nullopt;
  bound.score = *score;
  return bound;
}

// A bound between members: below all, above all, or at a member.
struct MemberBound {
  std::string_view member;  // tidy: allow string_view: a word of the call
  bool open = false;
  int infinite = 0;  // -1 below all, 1 above all

  // True for members that lie before the bound; `taken` tells on which side a member equal to it
  // lies.
  [[nodiscard]] bool is_after(std::string_view other, bool taken) const {
    if (infinite != 0) return infinite > 0;
    return taken ? other <= member : other < member;
  }
};

std::optional<MemberBound> parse_member(std::string_view word) {
  if (word == "-") return MemberBound{.infinite = -1};
  if (word == "+") return MemberBound{.infinite = 1};
  if (!word.starts_with('[') && !word.starts_with('(')) return std::nullopt;
  return MemberBound{.member = word.substr(1), .open = word.front() == '('};
}

// A range as the words give it, for which the set need not be known.
struct Range {
  By by = By::rank;
  std::int64_t from = 0;
  std::int64_t to = 0;
  ScoreBound low;
  ScoreBound high;
  MemberBound first;
  MemberBound last;

  [[nodiscard]] Ranks ranks(const SortedSet& set, bool reverse) const;
};

std::optional<Resp> parse_range(By by, std::string_view low, std::string_view high, Range& range) {
  range.by = by;
  if (by == By::rank) {
    const auto from = parse_integer(low);
    const auto to = parse_integer(high);
    if (!from || !to) return not_an_integer();
    range.from = *from;
    range.to = *to;
  } else if (by == By::score) {
    const auto from = parse_score(low);
    const auto to = parse_score(high);
    if (!from || !to) return err("ERR min or max is not a float");
    range.low = *from;
    range.high = *to;
  } else {
    const auto from = parse_member(low);
    const auto to = parse_member(high);
    if (!from || !to) return err("ERR min or max not valid string range item");
    range.first = *from;
    range.last = *to;
  }
  return std::nullopt;
}

// The ranks, counted upwards even for a range that is given downwards.
Ranks Range::ranks(const SortedSet& set, bool reverse) const {
  if (by == By::rank) {
    const Part part = part_of(from, to, set.size());
    const std::size_t begin = reverse ? set.size() - part.begin - part.count : part.begin;
    return {begin, begin + part.count};
  }
  if (by == By::score) {
    return {set.order().first_not([&](const ScoredNode& node) {
              return low.open ? node.score <= low.score : node.score < low.score;
            }),
            set.order().first_not([&](const ScoredNode& node) {
              return high.open ? node.score < high.score : node.score <= high.score;
            })};
  }
  return {set.order().first_not(
              [&](const ScoredNode& node) { return first.is_after(node.key(), first.open); }),
          set.order().first_not(
              [&](const ScoredNode& node) { return last.is_after(node.key(), !last.open); })};
}

struct Request {
  By by = By::rank;
  bool reverse = false;
  bool scores = false;
  bool limited = false;
  std::int64_t offset = 0;
  std::int64_t limit = -1;
};

// The options behind the bounds. Only ZRANGE itself says there by what and in which direction.
std::optional<Resp> parse_request(const Call& call, bool general, Request& request) {
  for (std::size_t i = 4; i < call.size(); ++i) {
    const std::string_view word = call[i];
    if (is_word(word, "withscores")) {
      request.scores = true;
    } else if (is_word(word, "limit") && i + 2 < call.size()) {
      const auto offset = parse_integer(call[i + 1]);
      const auto limit = parse_integer(call[i + 2]);
      if (!offset || !limit) return not_an_integer();
      request.limited = true;
      request.offset = *offset;
      request.limit = *limit;
      i += 2;
    } else if (general && is_word(word, "rev")) {
      request.reverse = true;
    } else if (general && is_word(word, "byscore")) {
      request.by = By::score;
    } else if (general && is_word(word, "bylex")) {
      request.by = By::member;
    } else {
      return syntax_error();
    }
  }
  if (request.limited && request.limit != -1 && request.by == By::rank) {
    return err(
        "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX");
  }
  if (request.scores && request.by == By::member) {
    return err("ERR syntax error, WITHSCORES not supported in combination with BYLEX");
  }
  return std::nullopt;
}

// Cuts the ranks to what LIMIT leaves of them.
void apply_limit(const Request& request, Ranks& ranks) {
  if (!request.limited || request.by == By::rank) return;
  const std::size_t found = ranks.count();
  const std::size_t skipped =
      request.offset < 0 ? found : std::min(found, static_cast<std::size_t>(request.offset));
  const std::size_t shown =
      request.limit < 0 ? found - skipped
                        : std::min(found - skipped, static_cast<std::size_t>(request.limit));
  if (request.reverse) {
    ranks.end -= std::min(ranks.end, skipped);
    ranks.begin = ranks.end - shown;
  } else {
    ranks.begin += skipped;
    ranks.end = ranks.begin + shown;
  }
}

Resp show(Call& call, const Request& request) {
  // Downwards, bounds by score or member are given from the larger to the smaller.
  const bool turned = request.reverse && request.by != By::rank;
  Range range;
  if (auto fault = parse_range(request.by, call[turned ? 3 : 2], call[turned ? 2 : 3], range)) {
    return *std::move(fault);
  }
  const auto set = read<SortedSet>(call, 1);
  if (set.wrong) return wrong_type();
  Resp reply = request.scores ? Resp::pairs() : Resp::array();
  if (!set) return reply;
  Ranks ranks = range.ranks(*set, request.reverse);
  apply_limit(request, ranks);
  const auto add = [&](const ScoredNode& node) {
    reply.items.push_back(Resp::bulk(node.key()));
    if (request.scores) reply.items.push_back(Resp::of_real(node.score));
  };
  if (ranks.count() == 0) return reply;
  if (request.reverse) {
    set->order().walk_down(ranks.end - 1, ranks.count(), add);
  } else {
    set->order().walk(ranks.begin, ranks.count(), add);
  }
  return reply;
}

Resp zrange(Call& call) {
  Request request;
  if (auto fault = parse_request(call, true, request)) return *std::move(fault);
  return show(call, request);
}

Resp show_fixed(Call& call, By by, bool reverse) {
  Request request{.by = by, .reverse = reverse};
  if (auto fault = parse_request(call, false, request)) return *std::move(fault);
  return show(call, request);
}

Resp zrevrange(Call& call) { return show_fixed(call, By::rank, true); }
Resp zrangebyscore(Call& call) { return show_fixed(call, By::score, false); }
Resp zrevrangebyscore(Call& call) { return show_fixed(call, By::score, true); }
Resp zrangebylex(Call& call) { return show_fixed(call, By::member, false); }
Resp zrevrangebylex(Call& call) { return show_fixed(call, By::member, true); }

Resp count(Call& call, By by) {
  Range range;
  if (auto fault = parse_range(by, call[2], call[3], range)) return *std::move(fault);
  const auto set = read<SortedSet>(call, 1);
  if (set.wrong) return wrong_type();
  return Resp::number(set ? static_cast<std::int64_t>(range.ranks(*set, false).count()) : 0);
}

Resp zcount(Call& call) { return count(call, By::score); }
Resp zlexcount(Call& call) { return count(call, By::member); }

Resp remove(Call& call, By by) {
  Range range;
  if (auto fault = parse_range(by, call[2], call[3], range)) return *std::move(fault);
  const auto set = write<SortedSet>(call, 1);
  if (set.wrong) return wrong_type();
  if (!set) return Resp::number(0);
  const Ranks ranks = range.ranks(*set, false);
  const std::size_t removed = ranks.count();
  for (std::size_t i = 0; i < removed; ++i) set->erase(set->order().at(ranks.begin));
  if (removed > 0) call.db.changed(*set.entry);
  return Resp::number(static_cast<std::int64_t>(removed));
}

Resp zremrangebyrank(Call& call) { return remove(call, By::rank); }
Resp zremrangebyscore(Call& call) { return remove(call, By::score); }
Resp zremrangebylex(Call& call) { return remove(call, By::member); }

constexpr Command kCommands[] = {
    {"zrange", -4, kReads, 1, 1, 1, zrange},
    {"zrevrange", -4, kReads, 1, 1, 1, zrevrange},
    {"zrangebyscore", -4, kReads, 1, 1, 1, zrangebyscore},
    {"zrevrangebyscore", -4, kReads, 1, 1, 1, zrevrangebyscore},
    {"zrangebylex", -4, kReads, 1, 1, 1, zrangebylex},
    {"zrevrangebylex", -4, kReads, 1, 1, 1, zrevrangebylex},
    {"zcount", 4, kReads, 1, 1, 1, zcount},
    {"zlexcount", 4, kReads, 1, 1, 1, zlexcount},
    {"zremrangebyrank", 4, kWrites, 1, 1, 1, zremrangebyrank},
    {"zremrangebyscore", 4, kWrites, 1, 1, 1, zremrangebyscore},
    {"zremrangebylex", 4, kWrites, 1, 1, 1, zremrangebylex},
};

}  // namespace

std::span<const Command> sorted_range_commands() { return kCommands; }

}  // namespace mynah::store
