// SPDX-License-Identifier: Apache-2.0
// Names of outcomes, and the notes that plug-ins leave.
#include "gateway/exchange.h"

#include <algorithm>

namespace mynah {

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::completed:
      return "completed";
    case Outcome::answered_by_filter:
      return "answered-by-filter";
    case Outcome::answered_by_gateway:
      return "answered-by-gateway";
    case Outcome::no_route:
      return "no-route";
    case Outcome::filter_failed:
      return "filter-failed";
    case Outcome::request_too_large:
      return "request-too-large";
    case Outcome::response_too_large:
      return "response-too-large";
    case Outcome::client_gone:
      return "client-gone";
    case Outcome::client_too_slow:
      return "client-too-slow";
    case Outcome::client_malformed:
      return "client-malformed";
    case Outcome::service_unavailable:
      return "service-unavailable";
    case Outcome::service_unreachable:
      return "service-unreachable";
    case Outcome::service_broke_off:
      return "service-broke-off";
    case Outcome::service_too_slow:
      return "service-too-slow";
    case Outcome::service_malformed:
      return "service-malformed";
    case Outcome::timed_out:
      return "timed-out";
    case Outcome::overloaded:
      return "overloaded";
    case Outcome::reset_by_filter:
      return "reset-by-filter";
  }
  return "completed";
}

std::optional<std::string_view> Exchange::note(std::string_view name) const {
  const auto found =
      std::ranges::find(notes, name, [](const auto& pair) { return std::string_view(pair.first); });
  if (found == notes.end()) return std::nullopt;
  return found->second;
}

void Exchange::set_note(std::string_view name, std::string_view value) {
  const auto found =
      std::ranges::find(notes, name, [](const auto& pair) { return std::string_view(pair.first); });
  if (found != notes.end()) {
    found->second = value;
  } else {
    notes.emplace_back(name, value);
  }
}

}  // namespace mynah
