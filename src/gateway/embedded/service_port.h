// SPDX-License-Identifier: Apache-2.0
// ServicePort: the address of its own that an embedded service may have, where other programs reach
// it as they would reach the server that it stands for. Each worker opens one.
//
// Connections are in the clear and begin with a password. They end with the port: when the service
// is configured otherwise, and when the worker stops listening.
#pragma once

#include <cstdint>
#include <memory>

#include "aio/connection.h"
#include "aio/listener.h"
#include "aio/loop.h"
#include "aio/scope.h"
#include "base/metrics.h"
#include "base/task.h"
#include "gateway/model.h"

namespace mynah {

// What is counted of all ports. Thread-safe.
struct PortMeters {
  explicit PortMeters(Metrics& metrics);

  GaugeFamily& connections;  // by service
  CounterFamily& refused;    // by service and reason: connections, password, protocol, silence
};

// Speaks a protocol on the connections of one port.
class PortSpeaker {
 public:
  virtual ~PortSpeaker() = default;

  virtual Task<> serve(std::unique_ptr<Connection> connection) = 0;
};

class ServicePort final {
 public:
  static constexpr std::uint32_t kConnectionsMax = 1024;  // One more is reset.

  // The service is embedded and has an address. `meters` outlive the port.
  static Result<std::unique_ptr<ServicePort>> open(Loop& loop, const model::Service& service,
                                                   std::unique_ptr<PortSpeaker> speaker,
                                                   PortMeters& meters);
  ServicePort(ServicePort&&) = delete;

  [[nodiscard]] const model::Service& service() const { return service_; }
  [[nodiscard]] const Address& address() const { return listener_->address(); }

 private:
  ServicePort(Loop& loop, const model::Service& service, std::unique_ptr<PortSpeaker> speaker,
              PortMeters& meters);
  static Task<> accept(ServicePort& port);
  static Task<> serve(ServicePort& port, std::unique_ptr<Connection> connection);

  const model::Service service_;
  std::unique_ptr<PortSpeaker> speaker_;
  Gauge& connected_;
  Counter& too_many_;
  std::uint32_t connections_ = 0;
  std::unique_ptr<Listener> listener_;
  Scope scope_;  // Last: connections use all of the above.
};

}  // namespace mynah
