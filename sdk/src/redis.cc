// SPDX-License-Identifier: Apache-2.0
// Redis over the host functions that Higress added to the ABI. In a file of its own: a module
// imports them only when it uses them.
#include "mynah/redis.h"

#include <utility>

#include "abi/abi.h"
#include "abi/imports.h"
#include "base/text.h"
#include "callbacks.h"
#include "mynah/bytes.h"
#include "mynah/http.h"
#include "mynah/log.h"
#include "runtime.h"

namespace mynah {
inline namespace plugin {
namespace inner {

bool RedisWait::await_ready() {
  refused_ = !redis_.ensure_ready();
  if (refused_) return true;
  const std::string cluster = redis_.cluster();
  std::uint32_t token = 0;
  refused_ = proxy_redis_call(cluster.data(), cluster.size(), query_.data(), query_.size(),
                              &token) != abi::Status::ok;
  if (refused_) return true;
  dispatched(token);
  calls_of<RedisWait>().put(token, this);
  return false;
}

RedisWait::~RedisWait() {
  if (underway_) calls_of<RedisWait>().take(token_);
}

void RedisWait::answered(std::uint32_t status, std::uint32_t bytes) {
  char* data = nullptr;
  std::size_t size = 0;
  constexpr auto kBuffer = abi::BufferType::redis_call_response;
  failed_ =
      status != 0 || proxy_get_buffer_bytes(kBuffer, 0, bytes, &data, &size) != abi::Status::ok;
  if (failed_) return;
  const Bytes reply = Bytes::adopt(data, size);
  RespDecoder decoder;
  decoder.feed(reply.text());
  while (received_.size() < replies_) {
    auto value = decoder.next();
    failed_ = !value || !*value;
    if (failed_) return;
    received_.push_back(**std::move(value));
  }
}

Result<std::vector<Resp>> RedisWait::await_resume() {
  if (refused_ || failed_) return unavailable();
  return std::move(received_);
}

Error RedisWait::unavailable() const {
  return Error{Errc::unavailable, cat("Redis at \"", redis_.service(),
                                      refused_ ? "\" cannot be called" : "\" does not answer")};
}

namespace {

// An error of Redis as an error.
Result<Resp> checked(Resp reply) {
  if (reply.is_error()) return Error{Errc::invalid_argument, cat("Redis: ", reply.text.view())};
  return reply;
}

std::string query_of(std::span<const std::string_view> words) {
  std::string query;
  encode_command(words, query);
  return query;
}

}  // namespace
}  // namespace inner

std::string Redis::cluster() const {
  const std::uint16_t usual = service_.ends_with(".static") ? 80 : 6379;
  return cluster_of(service_, port_ == 0 ? usual : port_);
}

bool Redis::ensure_ready() const {
  if (ready_) return true;
  std::string name = cluster();
  if (database_ != 0) append(name, "?db=", database_);
  ready_ = proxy_redis_init(name.data(), name.size(), user_.data(), user_.size(),
                            password_.reveal().data(), password_.reveal().size(),
                            static_cast<std::uint32_t>(timeout_.count())) == abi::Status::ok;
  return ready_;
}

Task<Result<Resp>> Redis::command(std::span<const std::string_view> words) const {
  MYNAH_CO_LET(auto replies, co_await inner::RedisWait(*this, inner::query_of(words), 1));
  co_return inner::checked(std::move(replies.front()));
}

Task<Result<std::vector<Resp>>> Redis::pipeline(
    std::span<const std::vector<std::string_view>> commands) const {
  std::string query;
  for (const auto& words : commands) encode_command(words, query);
  if (query.empty()) co_return std::vector<Resp>();
  co_return co_await inner::RedisWait(*this, std::move(query), commands.size());
}

Task<Result<std::optional<std::string>>> Redis::get(std::string_view key) const {
  MYNAH_CO_LET(const Resp reply, co_await command({"get", key}));
  if (reply.is_null()) co_return std::optional<std::string>();
  co_return std::optional<std::string>(reply.text.view());
}

Task<Status> Redis::set(std::string_view key, std::string_view value) const {
  MYNAH_CO_LET([[maybe_unused]] const Resp reply, co_await command({"set", key, value}));
  co_return ok();
}

Task<Status> Redis::set(std::string_view key, std::string_view value,
                        std::chrono::milliseconds life) const {
  MYNAH_CO_LET([[maybe_unused]] const Resp reply,
               co_await command({"set", key, value, "px", cat(life.count())}));
  co_return ok();
}

Task<Result<bool>> Redis::set_if_absent(std::string_view key, std::string_view value,
                                        std::chrono::milliseconds life) const {
  MYNAH_CO_LET(const Resp reply,
               co_await command({"set", key, value, "nx", "px", cat(life.count())}));
  co_return !reply.is_null();
}

Task<Result<std::int64_t>> Redis::del(std::span<const std::string_view> keys) const {
  std::vector<std::string_view> words = {"del"};
  words.insert(words.end(), keys.begin(), keys.end());
  MYNAH_CO_LET(const Resp reply, co_await command(words));
  co_return reply.integer;
}

Task<Result<std::int64_t>> Redis::incr_by(std::string_view key, std::int64_t by) const {
  MYNAH_CO_LET(const Resp reply, co_await command({"incrby", key, cat(by)}));
  co_return reply.integer;
}

Task<Result<bool>> Redis::expire(std::string_view key, std::chrono::milliseconds life) const {
  MYNAH_CO_LET(const Resp reply, co_await command({"pexpire", key, cat(life.count())}));
  co_return reply.integer == 1;
}

Task<Result<Resp>> Redis::eval(std::string_view script, std::span<const std::string_view> keys,
                               std::span<const std::string_view> arguments) const {
  const std::string count = cat(keys.size());
  std::vector<std::string_view> words = {"eval", script, count};
  words.insert(words.end(), keys.begin(), keys.end());
  words.insert(words.end(), arguments.begin(), arguments.end());
  co_return co_await command(words);
}

void Redis::describe(Schema<Redis>& schema) {
  schema.field("serviceName", &Redis::service_,
               "the Redis service; the embedded store when it is not given");
  schema.field("servicePort", &Redis::port_,
               "its port; 80 for names that end with .static, else 6379");
  schema.field("username", &Redis::user_, "the user to log in as");
  schema.field("password", &Redis::password_, "the user's password");
  schema.field("database", &Redis::database_, "the number of the database").range(0, 65535);
  schema.field("timeout", &Redis::timeout_, "how long to wait for an answer, in milliseconds")
      .range(1, 60'000);
}

}  // namespace plugin
}  // namespace mynah

void proxy_on_redis_call_response(std::uint32_t, std::uint32_t token, std::uint32_t status,
                                  std::uint32_t bytes) {
  using mynah::inner::RedisWait;
  mynah::inner::HostCall* call = mynah::inner::calls_of<RedisWait>().take(token);
  if (call != nullptr) mynah::inner::Runtime::here().answer(*call, status, bytes);
}
