// SPDX-License-Identifier: Apache-2.0
// Upstream: a service as one worker sees it: its endpoints and how they fare, the connections that
// are kept to them, and the choice among them.
//
//   auto lease = co_await upstream.open(hash, avoid);      // Result<Lease>
//   co_await lease->stream->send(head, End::no);
//   …
//   lease->report(Report::answered);  // or what went wrong: it tells the outlier detection
//
// An upstream survives reloads of the configuration that do not change its service, with its
// connections.
// tidy: allow-file shared_ptr: what exchanges in flight use outlives the generation that made it
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aio/loop.h"
#include "aio/scope.h"
#include "aio/tls.h"
#include "base/task.h"
#include "gateway/model.h"
#include "http/local_exchange.h"
#include "http/stream.h"

namespace mynah {

class ConnectionPool;
class Resolver;
class Upstream;

// How an endpoint fared in one exchange.
enum class Report : unsigned char {
  answered,
  failed_to_connect,
  broke_off,
  timed_out,
  server_error
};

// What counts over all workers: the limits of the service and what is shown of it.
struct ServiceShared {
  std::atomic<std::uint32_t> requests_in_flight{0};
  std::atomic<std::uint32_t> retries_in_flight{0};
};

// TLS to a service, with what is to be agreed by ALPN.
Result<std::shared_ptr<const TlsClientContext>> tls_to(const model::UpstreamTls& settings,
                                                       std::vector<std::string> protocols);

class UpstreamEndpoint final {
 public:
  UpstreamEndpoint(Upstream& upstream, Address address, std::uint32_t weight);
  ~UpstreamEndpoint();

  [[nodiscard]] const Address& address() const { return address_; }
  [[nodiscard]] const std::string& address_text() const { return address_text_; }
  [[nodiscard]] std::uint32_t weight() const { return weight_; }
  [[nodiscard]] bool usable(Instant now) const { return checked_well && now >= ejected_until; }
  [[nodiscard]] ConnectionPool& pool() { return *pool_; }

  bool checked_well = true;  // Says the active health check.
  Instant ejected_until{};   // Says the outlier detection.
  std::uint32_t errors_in_row = 0;
  std::uint32_t ejections_in_row = 0;
  std::uint32_t in_flight = 0;
  std::int64_t credit = 0;  // Of the smooth weighted round robin.

 private:
  Address address_;
  std::string address_text_;
  std::uint32_t weight_;
  std::unique_ptr<ConnectionPool> pool_;
};

// A stream to an endpoint, and the duty to say how it went. Returning it without a report says
// nothing.
class Lease final {
 public:
  Lease(Upstream& upstream, std::shared_ptr<UpstreamEndpoint> endpoint,
        http::ClientStreamPtr opened);
  Lease(Lease&& other) noexcept;
  Lease& operator=(Lease&&) = delete;
  ~Lease();

  void report(Report report);
  // Of the endpoint; "embedded" for a service inside the process.
  [[nodiscard]] std::string_view address() const;

  http::ClientStreamPtr stream;

 private:
  Upstream* upstream_;
  std::shared_ptr<UpstreamEndpoint> endpoint_;  // Null for an embedded service.
};

// What an upstream needs of its worker.
struct UpstreamContext {
  Loop& loop;
  Resolver& resolver;
  // Handlers of the embedded services, by kind; empty where there is none.
  std::function<http::LocalHandler(Loop&, const model::Service&)> embedded;
};

class Upstream final {
 public:
  static Result<std::shared_ptr<Upstream>> create(const model::Service& service,
                                                  UpstreamContext context,
                                                  std::shared_ptr<ServiceShared> shared);
  ~Upstream();
  Upstream(Upstream&&) = delete;

  [[nodiscard]] const model::Service& service() const { return service_; }
  [[nodiscard]] Loop& loop() const { return context_.loop; }
  [[nodiscard]] ServiceShared& shared() const { return *shared_; }
  // "outbound|443||name": how plug-ins of the family spell the service.
  [[nodiscard]] const std::string& cluster_name() const { return cluster_name_; }

  // A stream to a chosen endpoint. `hash` decides under consistent hashing; `avoid` names an
  // endpoint that was just tried and is chosen only if there is no other; `wanted`, when not empty,
  // is the only one that will do. Errors: unavailable (no endpoint can be asked, connecting
  // failed), exhausted (a limit of the service).
  Task<Result<Lease>> open(std::uint64_t hash, std::string_view avoid, std::string_view wanted);

  // What consistent hashing looks at in a request.
  [[nodiscard]] std::uint64_t hash_of(const Headers& request,
                                      std::string_view client_address) const;
  // The authority that a request to this service carries, when it is not the client's.
  [[nodiscard]] const std::string& authority() const { return authority_; }

  [[nodiscard]] const std::vector<std::shared_ptr<UpstreamEndpoint>>& endpoints() const {
    return endpoints_;
  }
  [[nodiscard]] const TlsClientContext* tls() const { return tls_.get(); }

  void report(UpstreamEndpoint& endpoint, Report report);

 private:
  Upstream(const model::Service& service, UpstreamContext context,
           std::shared_ptr<ServiceShared> shared);

  Task<Status> ensure_endpoints();
  Task<Status> resolve(const model::DnsName& name);
  void set_endpoints(const std::vector<model::Endpoint>& endpoints);
  std::shared_ptr<UpstreamEndpoint> choose(std::uint64_t hash, std::string_view avoid,
                                           std::string_view wanted);
  static Task<> keep_resolved(Upstream& upstream);
  static Task<> keep_checked(Upstream& upstream);
  Task<bool> check(const Address& address);

  model::Service service_;
  UpstreamContext context_;
  std::shared_ptr<ServiceShared> shared_;
  std::string cluster_name_;
  std::string authority_;
  std::shared_ptr<const TlsClientContext> tls_;
  http::LocalHandler local_;
  std::vector<std::shared_ptr<UpstreamEndpoint>> endpoints_;
  bool kept_resolved_ = false;
  std::uint64_t random_;
  Scope background_;  // Last: what runs in it uses all of the above.
};

}  // namespace mynah
