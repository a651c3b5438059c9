// SPDX-License-Identifier: Apache-2.0
// Slows down who guesses passwords: after some failures from one place, each further one makes it
// wait twice as long. Others are not held up, so nobody can lock the administrator out.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/time.h"

namespace mynah::control {

class LoginThrottle final {
 public:
  static constexpr std::uint32_t kFreeFailures = 5;
  static constexpr Duration kWaitMax = 15min;
  static constexpr Duration kForgottenAfter = 1h;
  static constexpr std::size_t kPlacesMax = 10'000;

  explicit LoginThrottle(const Clock& clock) : clock_(&clock) {}

  // How long the place must wait before it may try again; zero when it may.
  [[nodiscard]] Duration wait(const std::string& client_ip) const;
  void failed(const std::string& client_ip);
  void succeeded(const std::string& client_ip);

 private:
  struct Failures {
    std::uint32_t count = 0;
    Instant last;
  };

  void make_room();

  const Clock* clock_;
  std::map<std::string, Failures> places_;
};

}  // namespace mynah::control
