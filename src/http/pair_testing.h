// SPDX-License-Identifier: Apache-2.0
// What tests of connections share: a loop in simulated time, a pair of joined sockets, and the raw
// bytes of one end.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "aio/connection.h"
#include "aio/loop.h"
#include "aio/scope.h"
#include "base/time.h"
#include "http/server.h"

namespace mynah::http {

// The far end of a connection, which speaks in bytes.
class RawPeer final {
 public:
  explicit RawPeer(int descriptor) : descriptor_(descriptor) {}
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;
  ~RawPeer() { close(); }

  void send(std::string_view bytes);
  // All that has come so far and was not received before.
  std::string receive();
  // True when the other side has closed (and all it sent was received).
  [[nodiscard]] bool closed();
  void shut();
  void close();

 private:
  int descriptor_;
  std::string received_;
  bool ended_ = false;

  void pull();
};

struct Pair {
  std::unique_ptr<Connection> near;
  std::unique_ptr<RawPeer> far;
};
Pair make_pair_on(Loop& loop);
// Two ends that both belong to the loop.
std::pair<std::unique_ptr<Connection>, std::unique_ptr<Connection>> make_ends(Loop& loop);

// A handler made of a function.
class FunctionHandler final : public Handler {
 public:
  using Function = std::function<Task<>(ServerStream&)>;
  explicit FunctionHandler(Function function) : function_(std::move(function)) {}
  Task<> serve(ServerStream& exchange) override { return function_(exchange); }

 private:
  Function function_;
};

// Answers every request with its method, authority, path and body.
Task<> echo(ServerStream& exchange);

// A server on a loop in simulated time; its clients are raw.
struct ServerBench {
  explicit ServerBench(FunctionHandler::Function function, const ServerLimits& limits = {});
  ~ServerBench();

  // Connects a client.
  std::unique_ptr<RawPeer> connect();
  // Sends the bytes from a fresh client, lets everything happen, and returns what came back.
  std::string exchange(std::string_view bytes);
  // Lets everything happen that needs no time to pass.
  void settle();
  void pass(Duration duration);

  SimulatedClock clock;
  std::unique_ptr<Loop> loop;
  FunctionHandler handler;
  Server server;
  Scope scope;
};

}  // namespace mynah::http
