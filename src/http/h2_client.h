// SPDX-License-Identifier: Apache-2.0
// One HTTP/2 connection to an origin: as many exchanges at once as both sides allow.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>

#include "http/client.h"
#include "http/h2_session.h"

namespace mynah::http {

class Http2Client final : public ClientConnection {
 public:
  Http2Client(std::unique_ptr<Connection> connection, const ClientLimits& limits,
              ClientWatcher* watcher);
  ~Http2Client() override;

  [[nodiscard]] std::size_t streams_free() override;
  [[nodiscard]] std::size_t streams_open() const override { return open_; }
  [[nodiscard]] bool closed() const override;
  [[nodiscard]] Version version() const override { return Version::http2; }
  ClientStreamPtr open() override;
  void drain() override;

 private:
  class Session;
  class Exchange;
  struct Reader {
    explicit Reader(Task<> (*run)(Http2Client&), Http2Client& client) : task(run(client)) {}
    Task<> task;
  };

  static Task<> run(Http2Client& client);
  void tell();

  std::unique_ptr<Connection> connection_;
  const ClientLimits& limits_;
  ClientWatcher* watcher_;
  InputBuffer input_;
  std::unique_ptr<Session> session_;
  std::list<std::unique_ptr<Http2Stream>> fresh_;  // Opened, and not sent yet.
  std::size_t open_ = 0;
  bool draining_ = false;
  bool ended_ = false;
  std::optional<Reader> reader_;
};

}  // namespace mynah::http
