// SPDX-License-Identifier: Apache-2.0
// Accepting and counting; what is said on connections is the speaker's.
#include "gateway/embedded/service_port.h"

#include <functional>
#include <utility>
#include <variant>

#include "gateway/counted.h"

namespace mynah {
namespace {

class Connected final {
 public:
  explicit Connected(Gauge& gauge) : gauge_(gauge) { gauge_.add(Slot::shared(), 1); }
  Connected(Connected&&) = delete;
  ~Connected() { gauge_.add(Slot::shared(), -1); }

 private:
  Gauge& gauge_;
};

}  // namespace

PortMeters::PortMeters(Metrics& metrics)
    : connections(metrics.gauges("mynah_embedded_connections",
                                 "Connections of other programs to embedded services.",
                                 {"service"})),
      refused(metrics.counters("mynah_embedded_refused_total",
                               "Connections and requests of other programs to embedded services "
                               "that were refused.",
                               {"service", "reason"})) {}

ServicePort::ServicePort(Loop& loop, const model::Service& service,
                         std::unique_ptr<PortSpeaker> speaker, PortMeters& meters)
    : service_(service),
      speaker_(std::move(speaker)),
      connected_(meters.connections.with({service.name})),
      too_many_(meters.refused.with({service.name, "connections"})),
      scope_(loop) {}

Result<std::unique_ptr<ServicePort>> ServicePort::open(Loop& loop, const model::Service& service,
                                                       std::unique_ptr<PortSpeaker> speaker,
                                                       PortMeters& meters) {
  // tidy: allow new: private constructor
  std::unique_ptr<ServicePort> port(new ServicePort(loop, service, std::move(speaker), meters));
  const auto& embedded = std::get<model::Embedded>(service.origin);
  MYNAH_LET(port->listener_, Listener::open(loop, *embedded.listen, {}));
  port->scope_.spawn(&ServicePort::accept, std::ref(*port));
  return port;
}

Task<> ServicePort::accept(ServicePort& port) {
  while (true) {
    auto accepted = co_await port.listener_->accept();
    if (accepted && port.connections_ < kConnectionsMax) {
      port.scope_.spawn(&ServicePort::serve, std::ref(port), *std::move(accepted));
      continue;
    }
    port.too_many_.add(Slot::shared());
    if (accepted) (*accepted)->reset_on_close();
  }
}

Task<> ServicePort::serve(ServicePort& port, std::unique_ptr<Connection> connection) {
  const Counted counted(port.connections_);
  const Connected shown(port.connected_);
  co_await port.speaker_->serve(std::move(connection));
}

}  // namespace mynah
