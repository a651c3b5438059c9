// SPDX-License-Identifier: Apache-2.0
// One HTTP/1 connection to an origin. It is its own stream, since it carries one exchange at a
// time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "aio/connection.h"
#include "http/client.h"
#include "http/h1.h"
#include "http/h1_body.h"
#include "http/h1_output.h"
#include "http/input.h"

namespace mynah::http {

class Http1Client final : public ClientConnection, public ClientStream, private HangupWatcher {
 public:
  Http1Client(std::unique_ptr<Connection> connection, const ClientLimits& limits,
              ClientWatcher* watcher);
  ~Http1Client() override;

  [[nodiscard]] std::size_t streams_free() override;
  [[nodiscard]] std::size_t streams_open() const override { return busy_ ? 1 : 0; }
  [[nodiscard]] bool closed() const override { return closed_; }
  ClientStreamPtr open() override;
  void drain() override { closed_ = true; }

  [[nodiscard]] Version version() const override { return Version::http11; }

  Task<Status> send(const Headers& head, End end) override;
  Task<Result<Headers>> response() override;
  [[nodiscard]] bool response_ended() const override { return body_.ended(); }
  [[nodiscard]] std::optional<std::uint64_t> response_length() const override;
  void on_interim(void (*call)(void* whom, const Headers& head), void* whom) override;
  [[nodiscard]] bool retry_is_safe() const override;
  void release() override;

  Task<Result<Piece>> read() override;
  [[nodiscard]] bool readable() const override { return body_.readable(); }
  [[nodiscard]] const Headers& trailers() const override { return body_.trailers(); }
  Task<Status> write(Slice bytes, End end) override { return output_.write(std::move(bytes), end); }
  Task<Status> finish(const Headers& trailers) override { return output_.finish(trailers); }
  Task<Status> flush() override { return output_.flush(); }
  void abort() override;

 private:
  enum class Look : unsigned char { more, interim, final, refused };

  void on_hangup() override;
  void give_memory_back();
  Look look_for_head(Headers& headers);
  void take_final_head();
  [[nodiscard]] bool reusable() const;

  std::unique_ptr<Connection> connection_;
  const ClientLimits& limits_;
  ClientWatcher* watcher_;
  InputBuffer input_;
  Http1Output output_;
  Http1Body body_;
  ResponseHead head_;
  HeadSearch search_;
  Asked asked_;
  Refusal refusal_ = Refusal::none;
  std::uint32_t interims_ = 0;
  void (*interim_call_)(void*, const Headers&) = nullptr;
  void* interim_whom_ = nullptr;
  Timer pause_;  // An idle connection holds its block for a short while only.
  bool busy_ = false;
  bool closed_ = false;
  bool reused_ = false;
  bool used_ = false;
  bool sent_ = false;      // A head was written in this exchange.
  bool heard_ = false;     // A byte of the answer has come.
  bool answered_ = false;  // The final head has come.
  bool aborted_ = false;
};

}  // namespace mynah::http
