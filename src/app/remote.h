// SPDX-License-Identifier: Apache-2.0
// Remote: a running gateway, as commands speak to it: its admin API over HTTP, one request after
// the other, each on a connection and a loop of its own. It waits; it is for programs that do
// nothing else meanwhile.
//
//   MYNAH_LET(const Remote remote, Remote::open(options));
//   MYNAH_LET(const Json user, remote.ask_json("PUT", cat("/api/v1/users/", percent_encode(name)),
//                                              body));
//
// What the gateway refuses is an error with the gateway's own sentence.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/headers.h"
#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "gateway/model_values.h"

namespace mynah {

// The options that every command has which talks to a gateway.
struct RemoteOptions {
  std::string server = "http://127.0.0.1:8001";
  std::string token;  // Empty: the variable MYNAH_TOKEN.
};

class Remote final {
 public:
  static constexpr std::size_t kReplyBytesMax = 256 * 1024 * 1024;

  struct Request {
    std::string method = "GET";
    std::string target;  // Path and query, encoded.
    std::string body = {};
    std::string content_type = "application/json";
    Duration time = 5min;
    // Given each piece of a good answer's body as it comes, which is then not gathered; false ends
    // the request.
    std::function<bool(std::string_view piece)> take = {};
  };
  struct Reply {
    std::uint16_t status = 0;
    Headers headers;
    std::string body;
  };

  // Fails when the address is no http:// or https:// URL.
  static Result<Remote> open(const RemoteOptions& options);

  // Any answer of the gateway; an error when there is none.
  [[nodiscard]] Result<Reply> ask(const Request& request) const;

  // The body of a good answer, as JSON, null when there is none; an answer of 400 and above is an
  // error with what the gateway says.
  [[nodiscard]] Result<Json> ask_json(const Request& request) const;
  [[nodiscard]] Result<Json> ask_json(std::string_view method, std::string target,
                                      std::string body = {}) const;

  // All items of a listing, page after page, as one JSON array.
  [[nodiscard]] Result<Json> list(const std::string& target) const;

 private:
  Remote(model::Url url, std::string token) : url_(std::move(url)), token_(std::move(token)) {}

  model::Url url_;
  std::string token_;
};

// The error that an answer of 400 and above stands for.
Error error_of(const Remote::Reply& reply);

}  // namespace mynah
