// SPDX-License-Identifier: Apache-2.0
// The world around the gateway on its stage: services and stores that do what the story gives, as
// the gateway reaches embedded ones.
// tidy: allow-file shared_ptr: what the gateway asks for
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aio/loop.h"
#include "gateway/plugin_host.h"
#include "http/local_exchange.h"
#include "story/scripted.h"
#include "story/stage.h"

namespace mynah::story {

class ScriptedServices final {
 public:
  explicit ScriptedServices(Loop& loop) : loop_(loop) {}
  ScriptedServices(ScriptedServices&&) = delete;

  void apply(const GivenUpstream& given) { upstream_ = given.answer; }
  void apply(const GivenCall& given) { calls_.push_back(given); }
  void apply(const GivenRedis& given) { store(given.service).apply(given); }

  // Who serves the service of that name; the one named "upstream" is the story's upstream.
  http::LocalHandler handler(std::string service);
  Result<std::shared_ptr<RedisPort>> redis(std::string service);
  std::optional<std::string> stored(std::string_view service, std::string_view key);

  // What has come since they were taken last.
  std::vector<Received> take_upstream() { return std::exchange(upstream_received_, {}); }
  std::vector<Received> take_calls() { return std::exchange(calls_received_, {}); }

 private:
  class Port;
  static Task<> serve(ScriptedServices& self, std::string service, http::ServerStream& stream);
  [[nodiscard]] Answer answer_for(const Received& call) const;
  ScriptedStore& store(std::string_view service) { return stores_[std::string(service)]; }

  Loop& loop_;
  Answer upstream_;
  std::vector<GivenCall> calls_;
  std::map<std::string, ScriptedStore, std::less<>> stores_;
  std::vector<Received> upstream_received_;
  std::vector<Received> calls_received_;
};

}  // namespace mynah::story
