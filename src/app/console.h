// SPDX-License-Identifier: Apache-2.0
// Console: the address where people and scripts steer the gateway: the admin API, health, metrics,
// and the pages of the web console. It runs on the control thread's loop.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "aio/listener.h"
#include "aio/loop.h"
#include "aio/scope.h"
#include "aio/tls.h"
#include "app/console_files.h"
#include "control/admin/api.h"
#include "gateway/model.h"
#include "http/server.h"

namespace mynah {

class Console final : private http::Handler {
 public:
  struct Parts {
    Loop& loop;
    control::ApiParts api;
    std::filesystem::path folder;  // Of the web console's files.
  };

  static Result<std::unique_ptr<Console>> open(const model::Console& settings, Parts parts);

  [[nodiscard]] const Address& address() const { return listener_->address(); }

 private:
  Console(Parts parts, ConsoleFiles files);
  Task<> serve(http::ServerStream& exchange) override;
  static Task<> send(http::ServerStream& exchange, const control::ApiRequest& request,
                     control::ApiResponse& response);
  static Task<> accept(Console& console);

  Loop& loop_;
  control::Api api_;
  ConsoleFiles files_;
  std::shared_ptr<const TlsServerContext> tls_;
  std::unique_ptr<Listener> listener_;
  http::Server server_;
  Scope connections_;
};

}  // namespace mynah
