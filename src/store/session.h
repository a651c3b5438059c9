// SPDX-License-Identifier: Apache-2.0
// Session: what belongs to one connection to the store: the protocol's version, who has logged in,
// a transaction that is being gathered. Used by one thread at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/resp.h"
#include "store/store.h"

namespace mynah::store {

struct SessionOptions {
  std::string user = "default";
  std::string password;  // empty: nobody needs to log in
};

class Session final {
 public:
  // Both outlive the session.
  Session(Store& store, const SessionOptions& options)
      : store_(store), options_(options), trusted_(options.password.empty()) {}

  // Runs a command of the connection or of the store.
  Resp execute(Store::Words words);
  // How replies are to be encoded; HELLO changes it.
  [[nodiscard]] RespVersion version() const { return version_; }
  // Whether whoever speaks has logged in, or need not.
  [[nodiscard]] bool is_trusted() const { return trusted_; }
  // True after QUIT: the reply goes out, then the connection ends.
  [[nodiscard]] bool is_over() const { return over_; }

 private:
  static constexpr std::size_t kQueuedMax = 10'000;
  static constexpr std::size_t kQueuedBytesMax = std::size_t{64} << 20;

  Resp auth(Store::Words words);
  Resp hello(Store::Words words);
  Resp client(Store::Words words);
  Resp multi();
  Resp exec();
  Resp discard();
  Resp queue(Store::Words words);
  [[nodiscard]] bool is_right(std::string_view user, std::string_view password) const;
  void end_transaction();

  Store& store_;
  const SessionOptions& options_;
  bool trusted_;
  bool over_ = false;
  RespVersion version_ = RespVersion::resp2;
  std::string name_;

  bool gathering_ = false;  // between MULTI and EXEC
  bool spoilt_ = false;     // a command in between was refused
  std::vector<std::vector<std::string>> queued_;
  std::size_t queued_bytes_ = 0;
};

}  // namespace mynah::store
