// SPDX-License-Identifier: Apache-2.0
// Counting failures by place. One household of IPv6, a /64, is one place.
#include "control/admin/login_throttle.h"

#include <algorithm>

#include "control/config/values.h"

namespace mynah::control {

namespace {

std::string place_of(const std::string& client_ip) {
  const auto block = parse_cidr(client_ip);
  if (!block) return "unknown";
  const bool is_v4 = std::equal(block->address.begin(), block->address.begin() + 10,
                                std::array<std::uint8_t, 10>{}.begin());
  return {block->address.begin(), block->address.begin() + (is_v4 ? 16 : 8)};
}

}  // namespace

Duration LoginThrottle::wait(const std::string& client_ip) const {
  const auto found = places_.find(place_of(client_ip));
  if (found == places_.end() || found->second.count < kFreeFailures) return Duration{0};
  const std::uint32_t doublings = std::min<std::uint32_t>(found->second.count - kFreeFailures, 20);
  const Duration pause = std::min<Duration>(kWaitMax, (1ULL << doublings) * Duration(1s));
  return std::max(Duration{0}, found->second.last + pause - clock_->now());
}

void LoginThrottle::failed(const std::string& client_ip) {
  make_room();
  Failures& failures = places_[place_of(client_ip)];
  if (clock_->now() - failures.last > kForgottenAfter) failures.count = 0;
  ++failures.count;
  failures.last = clock_->now();
}

void LoginThrottle::succeeded(const std::string& client_ip) { places_.erase(place_of(client_ip)); }

// Forgets what is old; when all is new, the place that failed longest ago.
void LoginThrottle::make_room() {
  if (places_.size() < kPlacesMax) return;
  std::erase_if(places_, [this](const auto& place) {
    return clock_->now() - place.second.last > kForgottenAfter;
  });
  if (places_.size() < kPlacesMax) return;
  places_.erase(
      std::ranges::min_element(places_, {}, [](const auto& place) { return place.second.last; }));
}

}  // namespace mynah::control
