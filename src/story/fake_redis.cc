// SPDX-License-Identifier: Apache-2.0
// The commands that the store for stories knows.
#include "story/fake_redis.h"

#include "base/text.h"

namespace mynah::story {

namespace {

Resp wrong_number_of_words() { return Resp::error("ERR wrong number of arguments"); }

std::int64_t number_of(std::string_view text) { return parse_int(text).value_or(0); }

}  // namespace

FakeRedis::Entry* FakeRedis::find(std::string_view key, Instant now) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return nullptr;
  if (found->second.expires > now) return &found->second;
  entries_.erase(found);
  return nullptr;
}

std::optional<std::string> FakeRedis::get(std::string_view key, Instant now) {
  const Entry* entry = find(key, now);
  if (entry == nullptr) return std::nullopt;
  return entry->value;
}

Resp FakeRedis::perform(const std::vector<std::string>& words, Instant now) {
  if (words.empty()) return wrong_number_of_words();
  const std::string name = lower(words[0]);
  if (name == "ping") return Resp::status("PONG");
  if (words.size() < 2) return wrong_number_of_words();
  if (name == "get") {
    const auto value = get(words[1], now);
    return value ? Resp::bulk(*value) : Resp::null();
  }
  if (name == "set") return set(words, now);
  if (name == "del" || name == "exists") {
    std::int64_t count = 0;
    for (std::size_t i = 1; i < words.size(); ++i) {
      if (find(words[i], now) == nullptr) continue;
      ++count;
      if (name == "del") entries_.erase(words[i]);
    }
    return Resp::number(count);
  }
  if (name == "incr") return add(words[1], 1, now);
  if (name == "pttl" || name == "ttl") {
    const Entry* entry = find(words[1], now);
    if (entry == nullptr) return Resp::number(-2);
    if (entry->expires == kNever) return Resp::number(-1);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(entry->expires - now).count();
    return Resp::number(name == "pttl" ? left : (left + 999) / 1000);
  }
  if (words.size() < 3) return wrong_number_of_words();
  if (name == "incrby") return add(words[1], number_of(words[2]), now);
  if (name == "expire")
    return expire(words[1], now + std::chrono::seconds(number_of(words[2])), now);
  if (name == "pexpire")
    return expire(words[1], now + std::chrono::milliseconds(number_of(words[2])), now);
  return Resp::error(cat("ERR unknown command '", words[0], "' in a story"));
}

Resp FakeRedis::set(const std::vector<std::string>& words, Instant now) {
  if (words.size() < 3) return wrong_number_of_words();
  Entry entry{words[2], kNever};
  for (std::size_t i = 3; i < words.size(); ++i) {
    const std::string option = lower(words[i]);
    const bool there = find(words[1], now) != nullptr;
    if ((option == "nx" && there) || (option == "xx" && !there)) return Resp::null();
    if (option != "ex" && option != "px") continue;
    if (++i == words.size()) return wrong_number_of_words();
    const std::int64_t life = number_of(words[i]);
    if (life <= 0) return Resp::error("ERR invalid expire time in 'set' command");
    entry.expires = now + (option == "ex" ? Duration(std::chrono::seconds(life))
                                          : std::chrono::milliseconds(life));
  }
  entries_[words[1]] = std::move(entry);
  return Resp::ok();
}

Resp FakeRedis::add(const std::string& key, std::int64_t by, Instant now) {
  Entry* entry = find(key, now);
  if (entry == nullptr) entry = &entries_[key];
  const auto before = entry->value.empty() ? Result<std::int64_t>(0) : parse_int(entry->value);
  if (!before) return Resp::error("ERR value is not an integer or out of range");
  entry->value = cat(*before + by);
  return Resp::number(*before + by);
}

Resp FakeRedis::expire(const std::string& key, Instant at, Instant now) {
  Entry* entry = find(key, now);
  if (entry == nullptr) return Resp::number(0);
  entry->expires = at;
  return Resp::number(1);
}

}  // namespace mynah::story
