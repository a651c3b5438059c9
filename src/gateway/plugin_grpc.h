// SPDX-License-Identifier: Apache-2.0
// PluginGrpc: the gRPC calls and streams of one machine, over the HTTP/2 connections of services.
//
// A call sends one message and gets one; a stream sends and gets as many as both sides like. A
// stream has no time limit of its own: it ends with the peer, with grpc_cancel, or with its
// machine. tidy: allow-file shared_ptr: what calls in flight use outlives the generation that made
// it
#pragma once

#include <memory>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "wasm/outside.h"

namespace mynah {

class PluginContext;
class PluginMachine;
class Upstream;

class PluginGrpc final {
 public:
  PluginGrpc(PluginMachine& machine, PluginContext& context);
  // What is in flight is given up.
  ~PluginGrpc();
  PluginGrpc(PluginGrpc&&) = delete;

  enum class Kind : unsigned char { call, stream };
  // Errors: invalid_argument when there is no such service, or when it does not speak HTTP/2.
  Status begin(wasm::CallId call, const wasm::GrpcCall& request, Kind kind);
  Status send(wasm::CallId call, std::string_view message, wasm::End end);
  void half_close(wasm::CallId call);
  void cancel(wasm::CallId call);

 private:
  struct Conversation;

  [[nodiscard]] Conversation* find(wasm::CallId call);

  PluginMachine& machine_;
  PluginContext& context_;
  std::unordered_map<wasm::CallId, std::weak_ptr<Conversation>> conversations_;
};

}  // namespace mynah
