// SPDX-License-Identifier: Apache-2.0
// FailedFilter: stands in the chain for a plug-in that has failed and is not back yet, so that its
// on_failure decides as if it had failed in this exchange.
#pragma once

#include <string>
#include <utility>

#include "gateway/filter.h"
#include "gateway/plugin_code.h"

namespace mynah {

class FailedFilter final : public Filter {
 public:
  FailedFilter(const PluginCode& code, Error error)
      : id_(code.id), on_failure_(code.on_failure), error_(std::move(error)) {}

  Result<abi::HeadersAction> on_headers(Direction, End) override { return error_; }
  Result<abi::BodyAction> on_body(Direction, End) override { return error_; }
  Result<abi::TrailersAction> on_trailers(Direction) override { return error_; }
  [[nodiscard]] bool wants_body(Direction) const override { return false; }
  [[nodiscard]] OnFailure on_failure() const override { return on_failure_; }
  [[nodiscard]] Duration patience() const override { return {}; }
  [[nodiscard]] std::string name() const override { return id_; }

 private:
  std::string id_;
  OnFailure on_failure_;
  Error error_;
};

}  // namespace mynah
