// SPDX-License-Identifier: Apache-2.0
// Redis, on hosts that speak it (Mynah and Higress). A plug-in that uses it loads on those hosts
// only: the host functions are imported by name, and a host that lacks one refuses the module.
//
//   struct Config {
//     Redis store;  // {"serviceName": "redis.static", …}; the embedded store when nothing is said
//     ...
//   };
//   auto kept = co_await config.store.get(key);         // Result<optional<string>>
//   auto sum = co_await config.store.incr_by(key, 5);   // Result<int64>
//   auto any = co_await config.store.command({"HSET", key, "field", value});  // Result<Resp>
//
// An answer that is an error of Redis is an error here too. Keys and values are bytes.
#pragma once

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/resp.h"
#include "base/result.h"
#include "base/task.h"
#include "mynah/config.h"
#include "mynah/wait.h"

namespace mynah {
inline namespace plugin {

class Redis;

namespace inner {

class [[nodiscard]] RedisWait final : public HostCall {
 public:
  // `replies`: how many commands `query` holds.
  RedisWait(const Redis& redis, std::string query, std::size_t replies)
      : redis_(redis), query_(std::move(query)), replies_(replies) {}
  ~RedisWait();
  bool await_ready();
  void await_suspend(std::coroutine_handle<> waiter) { waiter_ = waiter; }
  Result<std::vector<Resp>> await_resume();

 private:
  void answered(std::uint32_t status, std::uint32_t bytes) override;
  [[nodiscard]] Error unavailable() const;

  const Redis& redis_;
  std::string query_;
  std::size_t replies_;
  bool refused_ = false;
  bool failed_ = false;
  std::vector<Resp> received_;
};

}  // namespace inner

class Redis final {
 public:
  using Words = std::initializer_list<std::string_view>;

  // A key's value, if there is one.
  Task<Result<std::optional<std::string>>> get(std::string_view key) const;
  Task<Status> set(std::string_view key, std::string_view value) const;
  // A value that vanishes by itself.
  Task<Status> set(std::string_view key, std::string_view value,
                   std::chrono::milliseconds life) const;
  // Sets what is not there; whether it did.
  Task<Result<bool>> set_if_absent(std::string_view key, std::string_view value,
                                   std::chrono::milliseconds life) const;
  // How many of the keys were there.
  Task<Result<std::int64_t>> del(std::span<const std::string_view> keys) const;
  // The sum afterwards; a key that is not there counts as zero.
  Task<Result<std::int64_t>> incr_by(std::string_view key, std::int64_t by) const;
  Task<Result<bool>> expire(std::string_view key, std::chrono::milliseconds life) const;
  // A script with its keys and arguments.
  Task<Result<Resp>> eval(std::string_view script, std::span<const std::string_view> keys,
                          std::span<const std::string_view> arguments) const;
  // Any command, as its words.
  Task<Result<Resp>> command(std::span<const std::string_view> words) const;
  Task<Result<Resp>> command(Words words) const {
    return command(std::span(words.begin(), words.size()));
  }
  // Several commands in one round trip; a reply for each, which may be an error of Redis.
  Task<Result<std::vector<Resp>>> pipeline(
      std::span<const std::vector<std::string_view>> commands) const;

  [[nodiscard]] const std::string& service() const { return service_; }
  static void describe(Schema<Redis>& schema);

 private:
  friend class inner::RedisWait;

  [[nodiscard]] std::string cluster() const;
  // Tells the host about the service, once.
  bool ensure_ready() const;

  std::string service_ = "store";
  std::uint16_t port_ = 0;  // 0: as the name's ending says
  std::string user_;
  Secret password_;
  std::uint32_t database_ = 0;
  std::chrono::milliseconds timeout_{1000};
  mutable bool ready_ = false;
};

}  // namespace plugin
}  // namespace mynah
