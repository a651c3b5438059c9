// SPDX-License-Identifier: Apache-2.0
// One request on a loop of its own.
#include "app/remote.h"

#include <cstdlib>
#include <memory>
#include <utility>

#include "aio/connect.h"
#include "aio/dns.h"
#include "aio/loop.h"
#include "aio/tls.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "control/config/values.h"
#include "http/client.h"

namespace mynah {
namespace {

using Reply = Remote::Reply;

http::ClientLimits limits_for(const Remote::Request& request) {
  http::ClientLimits limits;
  const auto time = std::chrono::ceil<std::chrono::milliseconds>(request.time);
  limits.response_timeout = time;
  limits.body_timeout = time;
  return limits;
}

Task<Result<std::unique_ptr<Connection>>> connect_to(Loop& loop, const model::Url& url,
                                                     Instant deadline) {
  Resolver::Addresses addresses;
  if (const auto known = Address::from_ip(url.host, url.port)) {
    addresses.push_back(*known);
  } else {
    // Nothing else runs in this program, so the loop may be held up.
    MYNAH_CO_LET(const auto found, Resolver::ask_system(url.host));
    for (const Address& address : found) {
      addresses.push_back(*Address::from_ip(address.ip(), url.port));
    }
  }
  MYNAH_CO_LET(auto connection, co_await connect_any(loop, addresses, deadline));
  if (url.tls) {
    MYNAH_CO_LET(const auto context, TlsClientContext::create({}));
    MYNAH_CO_OK(co_await TlsHandshake(*connection, *context, url.host, deadline));
  }
  co_return connection;
}

Headers head_of(const model::Url& url, const std::string& token, const Remote::Request& request) {
  Headers head;
  head.add(":method", request.method);
  head.add(":scheme", url.tls ? "https" : "http");
  head.add(":authority",
           cat(url.host.contains(':') ? cat("[", url.host, "]") : url.host, ":", url.port));
  head.add(":path", request.target);
  if (!token.empty()) head.add("authorization", cat("Bearer ", token));
  if (!request.body.empty()) {
    head.add("content-type", request.content_type);
    head.add("content-length", cat(request.body.size()));
  }
  return head;
}

Task<Result<Reply>> read_reply(http::ClientStream& stream, const Remote::Request& request) {
  Reply reply;
  MYNAH_CO_LET(reply.headers, co_await stream.response());
  reply.status = parse_number<std::uint16_t>(reply.headers.value_or(":status", "")).value_or(0);
  const bool streams = request.take && reply.status < 300;
  bool ended = stream.response_ended();
  while (!ended) {
    MYNAH_CO_LET(const http::Piece piece, co_await stream.read());
    ended = piece.end == http::End::yes;
    if (streams) {
      if (!request.take(piece.bytes.view())) break;
      continue;
    }
    if (reply.body.size() + piece.bytes.view().size() > Remote::kReplyBytesMax) {
      co_return Error{Errc::too_large, "the answer is too large"};
    }
    reply.body.append(piece.bytes.view());
  }
  co_return reply;
}

Task<Result<Reply>> exchange(Loop& loop, const model::Url& url, const std::string& token,
                             const Remote::Request& request) {
  const Instant deadline = loop.in(request.time);
  MYNAH_CO_LET(auto connection, co_await connect_to(loop, url, deadline));
  const http::ClientLimits limits = limits_for(request);
  const auto client =
      http::make_client(std::move(connection), http::Version::http11, limits, nullptr);
  const http::ClientStreamPtr stream = client->open();
  const auto end = request.body.empty() ? http::End::yes : http::End::no;
  MYNAH_CO_OK(co_await stream->send(head_of(url, token, request), end));
  if (end == http::End::no) {
    // A gateway that refuses early does not take the body: its answer tells why.
    (co_await stream->write(Slice::of(std::string(request.body)), http::End::yes)).ignore();
  }
  co_return co_await read_reply(*stream, request);
}

}  // namespace

Result<Remote> Remote::open(const RemoteOptions& options) {
  auto url = control::parse_url(options.server);
  if (!url) return std::move(url).error().within(cat("--server ", options.server));
  std::string token = options.token;
  if (token.empty()) {
    const char* const variable = std::getenv("MYNAH_TOKEN");
    if (variable != nullptr) token = variable;
  }
  return Remote(*std::move(url), std::move(token));
}

Result<Reply> Remote::ask(const Request& request) const {
  MYNAH_LET(const auto loop, Loop::create());
  auto task = exchange(*loop, url_, token_, request);
  task.start();
  loop->run_until([&task] { return task.done(); });
  auto reply = task.result();
  if (!reply) {
    return std::move(reply).error().within(
        cat("the gateway at ", url_.tls ? "https://" : "http://", url_.host, ":", url_.port));
  }
  return reply;
}

Result<Json> Remote::ask_json(const Request& request) const {
  MYNAH_LET(const Reply reply, ask(request));
  if (reply.status >= 400) return error_of(reply);
  auto json = Json::parse(reply.body.empty() ? "null" : reply.body);
  if (!json) return std::move(json).error().within("the gateway's answer");
  return json;
}

Result<Json> Remote::ask_json(std::string_view method, std::string target, std::string body) const {
  return ask_json(
      {.method = std::string(method), .target = std::move(target), .body = std::move(body)});
}

Result<Json> Remote::list(const std::string& target) const {
  constexpr std::size_t kPage = 500;
  JsonWriter all;
  all.begin_array();
  for (std::size_t offset = 0;; offset += kPage) {
    MYNAH_LET(const Json page, ask_json("GET", cat(target, target.contains('?') ? "&" : "?",
                                                   "limit=", kPage, "&offset=", offset)));
    for (const JsonView item : page["items"].items()) all.raw(item.raw());
    if (page["items"].size() < kPage) break;
  }
  all.end_array();
  return Json::parse(std::move(all).take());
}

Error error_of(const Reply& reply) {
  const auto json = Json::parse(reply.body);
  std::string message = json ? json->text("error.message") : "";
  if (message.empty()) message = cat("the gateway answers with status ", reply.status);
  const Errc code = reply.status == 404   ? Errc::not_found
                    : reply.status == 409 ? Errc::already_exists
                    : reply.status < 500  ? Errc::invalid_argument
                                          : Errc::unavailable;
  if (reply.status == 401) append(message, " (--token, or the variable MYNAH_TOKEN)");
  return {code, std::move(message)};
}

}  // namespace mynah
