// SPDX-License-Identifier: Apache-2.0
// Filter: what takes part in an exchange between the client and the service: a plug-in, or a policy
// of the gateway's own. A chain (chain.h) calls it in the order of events and acts on its answers;
// the answers are those of the Proxy-Wasm ABI.
#pragma once

#include <memory>
#include <string>

#include "abi/abi.h"
#include "base/result.h"
#include "wasm/outside.h"

namespace mynah {

using wasm::Direction;
using wasm::End;

class Chain;

class Filter {
 public:
  virtual ~Filter() = default;

  // The head of the request or response has come; with End::yes there is no body.
  virtual Result<abi::HeadersAction> on_headers(Direction direction, End end) = 0;
  // More of the body has come: what the filter may read and change is Chain::body_of.
  virtual Result<abi::BodyAction> on_body(Direction direction, End end) = 0;
  virtual Result<abi::TrailersAction> on_trailers(Direction direction) = 0;
  // Whether on_body would do anything: bodies that nobody looks at are not shown.
  [[nodiscard]] virtual bool wants_body(Direction direction) const = 0;

  // What becomes of an exchange when the filter fails: it goes on without the filter, or is
  // refused.
  enum class OnFailure : unsigned char { open, closed };
  [[nodiscard]] virtual OnFailure on_failure() const = 0;
  // How long it may keep an exchange waiting.
  [[nodiscard]] virtual Duration patience() const = 0;
  // For logs.
  [[nodiscard]] virtual std::string name() const = 0;
};

}  // namespace mynah
