// SPDX-License-Identifier: Apache-2.0
// What the server knows of each of its connections, whichever version it speaks. Internal to the
// server.
#pragma once

#include "http/server.h"

namespace mynah::http {

// The head of the answer to a request whose handler gave none: it says how reading the request
// failed, or that the handler did.
Headers head_for_failed_read(Errc failure);

class ServerConnection {
 public:
  ServerConnection(const ServerConnection&) = delete;
  ServerConnection& operator=(const ServerConnection&) = delete;

  // The exchange that runs, or the next one, is to be the last.
  virtual void on_drain() = 0;
  // Closes if nothing runs and nothing is on its way. May destroy the connection.
  virtual void on_end_idle() = 0;

 protected:
  explicit ServerConnection(Server& server);
  ~ServerConnection();

  [[nodiscard]] Server& server() const { return server_; }
  [[nodiscard]] const ServerLimits& limits() const { return server_.limits_; }
  void count(Refusal refusal) { ++server_.counters_.refusals[static_cast<std::size_t>(refusal)]; }
  void count(Violation violation) {
    ++server_.counters_.violations[static_cast<std::size_t>(violation)];
  }
  void count_gone() { ++server_.counters_.clients_gone; }

  // Counts an exchange for as long as it lives.
  class Running {
   public:
    explicit Running(Server& server) : server_(server) {
      ++server_.counters_.exchanges;
      ++server_.running_;
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() { --server_.running_; }

   private:
    Server& server_;
  };

 private:
  friend class Server;

  Server& server_;
  ServerConnection* next_;
  ServerConnection** link_;
};

}  // namespace mynah::http
