// SPDX-License-Identifier: Apache-2.0
// The same random commands go to the store and to a real redis-server; every answer must be the
// same. Answers whose order means nothing are compared as sorted, random choices by what they leave
// behind. MYNAH_SEED and MYNAH_COMMANDS in the environment choose another walk; a failure prints
// the commands that led to it.
#include <algorithm>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <poll.h>
#include <random>
#include <set>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "aio/loop.h"
#include "base/text.h"
#include "store/store_testing.h"

namespace mynah::store {
namespace {

// A redis-server on a socket in a folder of its own, for as long as this lives.
class RealRedis final {
 public:
  RealRedis() {
    char folder[] = "/tmp/mynah-redis-XXXXXX";
    if (::mkdtemp(folder) == nullptr) return;
    folder_ = folder;
    const std::string socket_path = folder_ + "/s";
    process_ = ::fork();
    if (process_ == 0) {
      ::execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", socket_path.c_str(),
               "--save", "", "--appendonly", "no", "--databases", "1", "--logfile",
               (folder_ + "/log").c_str(), "--dir", folder_.c_str(), "--enable-debug-command",
               "yes", nullptr);
      ::_exit(127);
    }
    connect_to(socket_path);
  }
  RealRedis(const RealRedis&) = delete;
  RealRedis& operator=(const RealRedis&) = delete;
  ~RealRedis() {
    if (socket_ >= 0) ::close(socket_);
    if (process_ > 0) {
      ::kill(process_, SIGKILL);
      ::waitpid(process_, nullptr, 0);
    }
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }

  [[nodiscard]] bool is_running() const { return socket_ >= 0; }

  Resp ask(const std::vector<std::string>& texts) {
    const std::vector<std::string_view> words(texts.begin(), texts.end());
    std::string wire;
    encode_command(words, wire);
    EXPECT_EQ(::write(socket_, wire.data(), wire.size()), static_cast<ssize_t>(wire.size()));
    while (true) {
      auto reply = decoder_.next();
      EXPECT_TRUE(reply.ok());
      if (!reply || *reply) return reply ? **std::move(reply) : Resp();
      char bytes[65536];
      const ssize_t got = ::read(socket_, bytes, sizeof bytes);
      if (got <= 0) return Resp::error("the real server went away");
      decoder_.feed({bytes, static_cast<std::size_t>(got)});
    }
  }

 private:
  void connect_to(const std::string& path) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    for (int attempt = 0; attempt < 1000; ++attempt) {
      const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
      if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
        socket_ = fd;
        return;
      }
      ::close(fd);
      if (::waitpid(process_, nullptr, WNOHANG) == process_) {
        process_ = -1;
        return;
      }
      ::poll(nullptr, 0, 5);
    }
  }

  std::string folder_;
  pid_t process_ = -1;
  int socket_ = -1;
  RespDecoder decoder_;
};

using Words = std::vector<std::string>;

// One word of a template is a word of the command, or: K a key, Z a key of a sorted set with
// one score only (else an order by member has no meaning), F a field or member, V a value, N a
// small number, R a real number, I an index, S a bound of scores, L one of members, T a time to
// live that is far away; X* several of X; A|B one of the two, nothing if that is empty, with '_'
// between words.
constexpr std::string_view kTemplates[] = {
    "GET K",
    "SET K V",
    "SET K V |NX|XX|GET|KEEPTTL|EX_T|PX_T |GET|NX|XX|BAD",
    "SETNX K V",
    "SETEX K T V",
    "PSETEX K T V",
    "GETSET K V",
    "GETDEL K",
    "GETEX K |PERSIST|EX_T|PX_T|BAD",
    "MGET K*",
    "MSET KV*",
    "MSETNX KV*",
    "APPEND K V",
    "STRLEN K",
    "GETRANGE K I I",
    "SETRANGE K I V",
    "INCR K",
    "DECR K",
    "INCRBY K V",
    "DECRBY K V",
    "INCRBYFLOAT K R",
    "DEL K*",
    "UNLINK K",
    "EXISTS K*",
    "TYPE K",
    "TOUCH K*",
    "RENAME K K",
    "RENAMENX K K",
    "EXPIRE K T |NX|XX|GT|LT|BAD |NX|GT|LT",
    "PEXPIRE K T",
    "TTL K",
    "PERSIST K",
    "EXPIREAT K 4000000000",
    "PEXPIREAT K 4000000000123 |NX|XX|GT|LT",
    "EXPIRETIME K",
    "PEXPIRETIME K",
    "KEYS *",
    "KEYS [a-c]",
    "KEYS ?",
    "DBSIZE",
    "HSET K FV*",
    "HMSET K FV*",
    "HSETNX K F V",
    "HGET K F",
    "HMGET K F*",
    "HGETALL K",
    "HDEL K F*",
    "HEXISTS K F",
    "HLEN K",
    "HKEYS K",
    "HVALS K",
    "HINCRBY K F V",
    "HINCRBYFLOAT K F R",
    "HSTRLEN K F",
    "LPUSH K V*",
    "RPUSH K V*",
    "LPUSHX K V*",
    "RPUSHX K V",
    "LPOP K |N",
    "RPOP K |N",
    "LLEN K",
    "LRANGE K I I",
    "LINDEX K I",
    "LSET K I V",
    "LTRIM K I I",
    "LREM K N V",
    "LINSERT K BEFORE|AFTER|NEAR V V",
    "RPOPLPUSH K K",
    "LMOVE K K LEFT|RIGHT|UP LEFT|RIGHT",
    "SADD K F*",
    "SREM K F*",
    "SMEMBERS K",
    "SISMEMBER K F",
    "SMISMEMBER K F*",
    "SCARD K",
    "SUNION K*",
    "SINTER K*",
    "SDIFF K*",
    "SUNIONSTORE K K*",
    "SINTERSTORE K K*",
    "SDIFFSTORE K K*",
    "SMOVE K K F",
    "ZADD K |NX|XX |GT|LT |CH |INCR RF*",
    "ZADD K RF*",
    "ZADD K INCR R F",
    "ZREM K F*",
    "ZSCORE K F",
    "ZMSCORE K F*",
    "ZINCRBY K R F",
    "ZCARD K",
    "ZCOUNT K S S",
    "ZLEXCOUNT Z L L",
    "ZRANGE K I I |WITHSCORES|REV",
    "ZRANGE K S S BYSCORE |REV |WITHSCORES |LIMIT_I_I",
    "ZRANGE Z L L BYLEX |REV |LIMIT_N_N |WITHSCORES",
    "ZRANGE K I I LIMIT N N",
    "ZREVRANGE K I I |WITHSCORES",
    "ZRANGEBYSCORE K S S |WITHSCORES |LIMIT_N_N",
    "ZREVRANGEBYSCORE K S S |WITHSCORES |LIMIT_N_N",
    "ZRANGEBYLEX Z L L |LIMIT_N_N",
    "ZREVRANGEBYLEX Z L L",
    "ZRANK K F",
    "ZREVRANK K F",
    "ZREMRANGEBYRANK K I I",
    "ZREMRANGEBYSCORE K S S",
    "ZREMRANGEBYLEX Z L L",
    "ZPOPMIN K |N",
    "ZPOPMAX K |N",
    "ZADD Z 0 F 0 F",
    "ZADD Z 0 F",
    "ZREM Z F",
    "DEL Z",
    "PING",
    "PING V",
    "ECHO V",
    "SELECT N",
    "NOSUCH V V",
    "SPOP K N",
    "SRANDMEMBER K N",
    "HRANDFIELD K N",
    "OBJECT BAD K",
    "LPUSH K F*",
    "RPUSH K F*",
    "ZADD K RF*",
    "HSET K FV*",
    "SCAN 0 COUNT N",
    "HSCAN K 0 COUNT N",
    "SSCAN K x",
    "ZSCAN K 0 MATCH",
    "SCRIPT EXISTS abc",
};

class RandomCommands final {
 public:
  explicit RandomCommands(std::uint64_t seed) : random_(seed) {}

  Words next() {
    const std::string_view pattern = kTemplates[pick(std::size(kTemplates))];
    Words words;
    for (const std::string& part : split_words(pattern)) add(part, words);
    // Now and then a word too many or too few.
    if (pick(200) == 0) words.push_back("extra");
    if (pick(200) == 0 && words.size() > 1) words.pop_back();
    return words;
  }

  std::size_t pick(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }

 private:
  void add(const std::string& part, Words& words) {
    if (part.size() == 2 && part[1] == '*') {
      const std::size_t count = 1 + pick(4);
      for (std::size_t i = 0; i < count; ++i) words.push_back(one(part[0]));
    } else if (part == "FV*") {
      const std::size_t count = 1 + pick(4);
      for (std::size_t i = 0; i < count; ++i) words.insert(words.end(), {one('F'), one('V')});
    } else if (part == "KV*") {
      const std::size_t count = 1 + pick(3);
      for (std::size_t i = 0; i < count; ++i) words.insert(words.end(), {one('K'), one('V')});
    } else if (part == "RF*") {
      const std::size_t count = 1 + pick(4);
      for (std::size_t i = 0; i < count; ++i) words.insert(words.end(), {one('R'), one('F')});
    } else if (part.find('|') != std::string::npos) {
      std::vector<std::string> choices(1);
      for (const char c : part) {
        if (c == '|') {
          choices.emplace_back();
        } else {
          choices.back() += c;
        }
      }
      const std::string& choice = choices[pick(choices.size())];
      // An empty choice leaves the word out; a '_' stands for a blank between words.
      std::string spaced = choice;
      std::ranges::replace(spaced, '_', ' ');
      for (const std::string& word : split_words(spaced))
        words.push_back(word.size() == 1 ? one(word[0]) : word);
    } else {
      words.push_back(part.size() == 1 ? one(part[0]) : part);
    }
  }

  std::string one(char kind) {
    static const char* const kKeys[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"};
    static const char* const kValues[] = {"",
                                          "0",
                                          "1",
                                          "-1",
                                          "10",
                                          "abc",
                                          "hello world",
                                          "3.5",
                                          "x",
                                          "y",
                                          "1e3",
                                          "007",
                                          "9223372036854775807",
                                          "\x01\xff\n"};
    static const char* const kReals[] = {"0",    "1",   "-1",  "2.5", "1e10", "inf",
                                         "-inf", "3.1", "nan", "x",   "0.1"};
    static const char* const kScores[] = {"-inf", "+inf", "0",    "(1",  "2.5",
                                          "(2.5", "-1",   "(inf", "abc", "3.1"};
    static const char* const kBounds[] = {"-", "+", "[a", "(b", "[m3", "(m5", "m", "[", "("};
    switch (kind) {
      case 'K':
        return kKeys[pick(std::size(kKeys))];
      case 'Z':
        return pick(2) == 0 ? "same" : "score";
      case 'F':
        return cat("m", pick(12));
      case 'V':
        return pick(20) == 0 ? std::string(pick(300), 'z') : kValues[pick(std::size(kValues))];
      case 'N':
        return pick(30) == 0 ? "many" : cat(static_cast<std::int64_t>(pick(8)) - 2);
      case 'I':
        return pick(30) == 0 ? "9223372036854775808"
                             : cat(static_cast<std::int64_t>(pick(20)) - 10);
      case 'R':
        return kReals[pick(std::size(kReals))];
      case 'S':
        return kScores[pick(std::size(kScores))];
      case 'L':
        return kBounds[pick(std::size(kBounds))];
      case 'T':
        return pick(10) == 0 ? cat(static_cast<std::int64_t>(pick(3)) - 2)
                             : cat(10000 + pick(90000));
      default:
        return std::string(1, kind);
    }
  }

  std::mt19937_64 random_;
};

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

// The reply as text, sorted where order means nothing. A real server of version 2 sends arrays for
// everything.
std::string comparable(const Words& words, const Resp& reply) {
  std::vector<std::string> items;
  for (const Resp& item : reply.items) items.push_back(shown(item));
  if (reply.kind == Resp::Kind::array && reply.items.empty()) return "[]";
  if (items.empty()) return shown(reply);
  if (words[0] == "HGETALL") {
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) items[i] += items[i + 1];
    for (std::size_t i = items.size() - 1; i < items.size(); i -= 2)
      items.erase(items.begin() + static_cast<std::ptrdiff_t>(i));
  }
  if (is_one_of(words[0],
                {"KEYS", "SMEMBERS", "SUNION", "SINTER", "SDIFF", "HKEYS", "HVALS", "HGETALL"})) {
    std::ranges::sort(items);
  }
  std::string text = "[";
  for (const std::string& item : items) append(text, item, " ");
  return text + "]";
}

// Replies made by chance: only their shape is compared.
std::string shape(const Resp& reply) {
  if (reply.kind == Resp::Kind::bulk) return "one";
  return reply.is_error() || reply.items.empty() ? shown(reply)
                                                 : cat("array of ", reply.items.size());
}

// As version 2 shows it: sets, maps and pairs are arrays, real numbers are text.
Resp as_version_2(const Resp& reply) {
  std::string wire;
  encode(reply, RespVersion::resp2, wire);
  RespDecoder decoder;
  decoder.feed(wire);
  auto decoded = decoder.next();
  return **std::move(decoded);
}

std::uint64_t number_from_environment(const char* name, std::uint64_t fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

std::string line_of(const Words& words) {
  std::string line;
  for (const std::string& word : words) append(line, "\"", word, "\" ");
  return line;
}

// The two servers read the clock one after the other.
bool close_times(const Resp& a, const Resp& b) {
  constexpr std::int64_t kApartMax = 500;
  return a.kind == b.kind && a.integer > 0 && b.integer > 0 &&
         std::abs(a.integer - b.integer) <= kApartMax;
}

class Differential : public testing::Test {
 protected:
  // One command to both; false when they differ.
  bool agree(const Words& words) {
    history_.push_back(line_of(words));
    if (history_.size() > 25) history_.pop_front();
    const Resp theirs = real_.ask(words);
    const Resp ours = as_version_2(ask_store(words));
    const bool chance = is_one_of(words[0], {"SPOP", "SRANDMEMBER", "HRANDFIELD"});
    const bool scan =
        is_one_of(words[0], {"SCAN", "HSCAN", "SSCAN", "ZSCAN"}) && !theirs.is_error();
    if (scan) return true;
    const std::string a = chance ? shape(theirs) : comparable(words, theirs);
    const std::string b = chance ? shape(ours) : comparable(words, ours);
    const bool clocks = is_one_of(words[0], {"TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"});
    if (a != b && !(clocks && close_times(theirs, ours))) {
      std::string told;
      for (const std::string& line : history_) append(told, "  ", line, "\n");
      ADD_FAILURE() << "the last commands:\n" << told << "redis: " << a << "\nstore: " << b;
      return false;
    }
    if (chance && words[0] == "SPOP" && words.size() > 1) {
      // What was popped is not the same, so the set goes.
      return agree({"DEL", words[1]});
    }
    return true;
  }

  Resp ask_store(const Words& texts) {
    const std::vector<std::string_view> words(texts.begin(), texts.end());
    return store_->execute(words);
  }

  void SetUp() override {
    if (!real_.is_running()) GTEST_SKIP() << "redis-server is not installed";
    auto opened = Store::open({.background = Background::by_hand}, clock_);
    ASSERT_TRUE(opened);
    store_ = *std::move(opened);
  }

  SystemClock clock_;
  RealRedis real_;
  std::unique_ptr<Store> store_;
  std::deque<std::string> history_;
};

TEST_F(Differential, random_commands_are_answered_as_redis_answers_them) {
  const std::uint64_t seed = number_from_environment("MYNAH_SEED", 1);
  const std::uint64_t count = number_from_environment("MYNAH_COMMANDS", 30'000);
  RandomCommands commands(seed);
  for (std::uint64_t i = 0; i < count; ++i) {
    ASSERT_TRUE(agree(commands.next())) << "seed " << seed << ", command " << i;
    if (commands.pick(2000) == 0) ASSERT_TRUE(agree({"FLUSHALL"}));
  }
}

}  // namespace
}  // namespace mynah::store
