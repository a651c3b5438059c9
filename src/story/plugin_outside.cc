// SPDX-License-Identifier: Apache-2.0
// Scripted services, stores, metrics and time for a machine.
#include "story/plugin_outside.h"

#include <algorithm>

#include "abi/describe.h"
#include "base/text.h"

namespace mynah::story {

namespace {

// A service by the name that a story gives it: outbound|PORT||NAME is NAME.
std::string_view plain_name(std::string_view service) {
  return service.starts_with("outbound|") ? service.substr(service.rfind('|') + 1) : service;
}

std::string joined(wasm::PropertyPath path) {
  std::string name;
  for (const std::string_view part : path) append(name, name.empty() ? "" : ".", part);
  return name;
}

}  // namespace

void PluginOutside::log(abi::LogLevel, std::string_view message, wasm::Exchange*) {
  lines.emplace_back(message);
}

void PluginOutside::random(std::span<char> bytes) {  // tidy: allow rand: an interface's name
  for (char& byte : bytes) {
    last_random_ = last_random_ * 6364136223846793005U + 1442695040888963407U;
    byte = static_cast<char>(last_random_ >> 56U);
  }
}

// ---- Metrics

Result<wasm::MetricId> PluginOutside::define_metric(abi::MetricType, std::string_view name) {
  const auto known = std::ranges::find(metric_names_, name);
  const auto id = static_cast<wasm::MetricId>(known - metric_names_.begin());
  if (known == metric_names_.end()) metric_names_.emplace_back(name);
  return id;
}

void PluginOutside::increment_metric(wasm::MetricId metric, std::int64_t offset) {
  metrics[metric_names_.at(metric)] += offset;
}

void PluginOutside::record_metric(wasm::MetricId metric, std::uint64_t value) {
  metrics[metric_names_.at(metric)] = static_cast<std::int64_t>(value);
}

std::uint64_t PluginOutside::metric(wasm::MetricId metric) {
  return static_cast<std::uint64_t>(metrics[metric_names_.at(metric)]);
}

// ---- Calls

Status PluginOutside::http_call(wasm::CallId call, wasm::HttpCall request) {
  const Received made{.service = std::string(plain_name(request.service)),
                      .method = std::string(request.headers.value_or(":method", "")),
                      .path = std::string(request.headers.value_or(":path", "")),
                      .headers = fields_of(request.headers),
                      .body = request.body};
  const GivenCall* given = answer_to(calls_, made);
  if (given == nullptr || given->answer.conduct == Conduct::refuses) {
    return Error{Errc::not_found, cat("the story gives no answer of ", made.service, " to ",
                                      made.method, " ", made.path)};
  }
  received.push_back(made);
  const Answer& answer = given->answer;
  const Duration limit = request.timeout;
  const bool answers = answer.conduct == Conduct::answers &&
                       (limit <= Duration::zero() || answer.message.after <= limit);
  const Duration delay = answers || answer.conduct == Conduct::fails ? answer.message.after : limit;
  if (answer.conduct == Conduct::silent && limit <= Duration::zero()) return ok();
  simulation_.after(delay, [this, call, answers, answer] {
    wasm::HttpReply reply;
    if (answers) {
      reply.headers.add(":status", cat(answer.status));
      fill(reply.headers, answer.message.headers);
      reply.body.append(Slice::copy_of(answer.message.body));
    }
    if (machine_ != nullptr)
      machine_->on_http_reply(call, std::move(reply)).ignore();  // The machine keeps a fault.
  });
  return ok();
}

Status PluginOutside::grpc_call(wasm::CallId call, wasm::GrpcCall request) {
  const Received made{.service = std::string(plain_name(request.service)),
                      .method = "POST",
                      .path = cat("/", request.package, "/", request.method),
                      .headers = fields_of(request.metadata),
                      .body = request.message};
  const GivenCall* given = answer_to(calls_, made);
  if (given == nullptr || given->answer.conduct == Conduct::refuses)
    return Error{Errc::not_found,
                 cat("the story gives no answer of ", made.service, " to ", made.path)};
  received.push_back(made);
  const Answer& answer = given->answer;
  const bool late = answer.conduct == Conduct::silent || answer.message.after > request.timeout;
  simulation_.after(late ? Duration(request.timeout) : answer.message.after,
                    [this, call, late, answer] {
                      if (machine_ != nullptr) end_grpc(call, late, answer);
                    });
  return ok();
}

// The machine keeps a fault.
void PluginOutside::end_grpc(wasm::CallId call, bool late, const Answer& answer) {
  constexpr std::uint32_t kDeadlineExceeded = 4;
  if (late) return machine_->on_grpc_close(call, kDeadlineExceeded, "").ignore();
  if (answer.conduct != Conduct::answers)
    return machine_->on_grpc_close(call, abi::kGrpcUnavailable, "the connection broke").ignore();
  std::uint32_t status = abi::kGrpcOk;
  std::string why;
  for (const auto& [name, value] : answer.message.trailers) {
    if (name == "grpc-status") status = parse_number<std::uint32_t>(value).value_or(2);
    if (name == "grpc-message") why = value;
  }
  if (status != abi::kGrpcOk) return machine_->on_grpc_close(call, status, why).ignore();
  SliceChain message;
  message.append(Slice::copy_of(answer.message.body));
  machine_->on_grpc_message(call, std::move(message)).ignore();
}

// ---- Redis

ScriptedStore& PluginOutside::store(std::string_view service) {
  return stores_[std::string(plain_name(service))];
}

std::optional<std::string> PluginOutside::stored(std::string_view service, std::string_view key) {
  return store(service).redis.get(key, simulation_.now());
}

Status PluginOutside::redis_init(wasm::RedisService service) {
  if (store(service.service).conduct != Conduct::refuses) return ok();
  return Error{Errc::not_found, "the story refuses the store"};
}

Status PluginOutside::redis_call(wasm::CallId call, wasm::RootId, std::string_view service,
                                 std::string_view query, wasm::Exchange*) {
  ScriptedStore& asked = store(service);
  if (asked.conduct == Conduct::refuses)
    return Error{Errc::not_found, "the story refuses the store"};
  if (asked.conduct == Conduct::silent) return ok();
  std::string reply;
  if (asked.conduct == Conduct::answers) {
    MYNAH_LET(reply, asked.answer(query, simulation_.now()));
  }
  const std::int32_t status = asked.conduct == Conduct::answers ? 0 : 1;
  simulation_.after(asked.after, [this, call, status, reply] {
    if (machine_ == nullptr) return;
    machine_->on_redis_reply(call, status, SliceChain(Slice::copy_of(reply)))
        .ignore();  // The machine keeps a fault.
  });
  return ok();
}

// ---- Time, properties and the rest

void PluginOutside::set_tick_period(wasm::RootId root, std::chrono::milliseconds period) {
  if (const auto running = ticks_.find(root); running != ticks_.end()) {
    simulation_.forget(running->second);
    ticks_.erase(running);
  }
  tick_periods_[root] = period;
  if (period.count() > 0) tick(root);
}

void PluginOutside::tick(wasm::RootId root) {
  const auto again = simulation_.after(tick_periods_[root], [this, root] {
    ticks_.erase(root);
    if (machine_ == nullptr) return;
    // The next tick is set first: the plug-in may choose another period in this one.
    tick(root);
    machine_->on_tick(root).ignore();  // The machine keeps a fault.
  });
  ticks_.insert_or_assign(root, again);
}

Result<std::string> PluginOutside::foreign(std::string_view name, std::string_view arguments,
                                           wasm::Exchange*) {
  if (name == abi::kDescribe) {
    described = arguments;
    return std::string();
  }
  return Error{Errc::not_found, cat("no foreign function \"", name, "\" in stories")};
}

std::optional<wasm::Property> PluginOutside::property(wasm::PropertyPath path) {
  const auto found = properties.find(joined(path));
  if (found == properties.end()) return std::nullopt;
  return wasm::Property(found->second);
}

}  // namespace mynah::story
