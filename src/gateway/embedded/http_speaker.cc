// SPDX-License-Identifier: Apache-2.0
// A server of its own before the handler that plug-ins reach in process.
#include "gateway/embedded/http_speaker.h"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/secret.h"
#include "base/text.h"
#include "gateway/embedded/local_reply.h"
#include "gateway/error_reply.h"
#include "http/server.h"

namespace mynah {
namespace {

// Where clients send keys, and what stands before them there.
constexpr std::pair<std::string_view, std::string_view> kPlaces[] = {{"authorization", "bearer "},
                                                                     {"dashvector-auth-token", ""}};

class HttpSpeaker final : public PortSpeaker, private http::Handler {
 public:
  HttpSpeaker(Loop& loop, http::LocalHandler handler, const model::Service& service,
              PortMeters& meters)
      : handler_(std::move(handler)),
        password_(std::get<model::Embedded>(service.origin).password),
        wrong_password_(meters.refused.with({service.name, "password"})),
        server_(loop, {}, *this) {}

  Task<> serve(std::unique_ptr<Connection> connection) override {
    http::PeerInfo peer;
    peer.address = connection->peer().ip();
    peer.port = connection->peer().port();
    co_await server_.serve(std::move(connection), std::move(peer));
  }

 private:
  Task<> serve(http::ServerStream& exchange) override {
    if (knows_password(exchange.request())) {
      co_await handler_(exchange);
      co_return;
    }
    wrong_password_.add(Slot::shared());
    Headers more;
    more.add("www-authenticate", "Bearer");
    // A caller that has gone away needs no answer.
    (co_await respond_json(exchange, 401,
                           error_body("/v1/", {401, "wrong-password",
                                               "The request does not carry the service's "
                                               "password as its key."}),
                           std::move(more)))
        .ignore();
  }

  [[nodiscard]] bool knows_password(const Headers& request) const {
    for (const auto& [name, before] : kPlaces) {
      const std::string_view value = request.value_or(name, "");
      if (value.size() > before.size() && iequals(value.substr(0, before.size()), before) &&
          same_secret(value.substr(before.size()), password_))
        return true;
    }
    return false;
  }

  http::LocalHandler handler_;
  const std::string password_;
  Counter& wrong_password_;
  http::Server server_;
};

}  // namespace

std::unique_ptr<PortSpeaker> speak_http(Loop& loop, http::LocalHandler handler,
                                        const model::Service& service, PortMeters& meters) {
  return std::make_unique<HttpSpeaker>(loop, std::move(handler), service, meters);
}

}  // namespace mynah
