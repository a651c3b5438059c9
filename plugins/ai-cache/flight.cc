// SPDX-License-Identifier: Apache-2.0
// A flight is there as long as somebody has a seat in it; who comes after the landing and before
// the last has left gets the answer at once.
#include "flight.h"

#include <utility>

#include <mynah/random.h>

using namespace mynah;

namespace {

// After that many leaders have failed, those who wait would rather know for themselves.
constexpr std::uint32_t kFailuresMax = 2;
constexpr double kWaitersLimit = 100'000;
constexpr double kPatienceLimit = 600'000;

}  // namespace

void Coalescing::describe(Schema<Coalescing>& schema) {
  schema.field("enabled", &Coalescing::enabled,
               "whether equal questions at the same time are asked once");
  schema
      .field("waitersMax", &Coalescing::waiters_max,
             "how many may wait for one answer; others ask the model")
      .range(0, kWaitersLimit);
  schema
      .field(
          "timeout", &Coalescing::patience,
          "how long one waits for the answer to another, in milliseconds; then it asks the model")
      .range(1, kPatienceLimit);
}

const std::string& Flights::token() {
  if (token_.empty()) token_ = uuid();
  return token_;
}

Seat::Seat(Flights& flights, std::string fingerprint, const Coalescing& rules)
    : flights_(flights), rules_(rules) {
  const auto entry = flights.flights_.try_emplace(std::move(fingerprint)).first;
  Flight& flight = entry->second;
  if (flight.seats > rules.waiters_max) return;
  ++flight.seats;
  entry_ = entry;
}

Seat::~Seat() {
  if (!entry_) return;
  if (leads_) end_lead();
  if (--(*entry_)->second.seats == 0) flights_.flights_.erase(*entry_);
}

Task<> Seat::wait() {
  if (!entry_) co_return;
  if (!(*entry_)->second.led) co_return co_await wait_for_turn();
  // When the time is over, this one asks alone.
  (co_await with_timeout(wait_for_turn(), rules_.patience)).ignore();
}

Task<> Seat::wait_for_turn() {
  Flight& flight = (*entry_)->second;
  while (!flight.landed && !flight.dissolved) {
    if (!std::exchange(flight.led, true)) {
      leads_ = true;
      co_return;
    }
    if (flight.stale) co_return;
    co_await flight.changed.wait();
  }
}

const Hit* Seat::landed() const {
  if (!entry_ || leads_) return nullptr;
  const Flight& flight = (*entry_)->second;
  if (flight.landed) return &*flight.landed;
  return flight.stale && !flight.dissolved ? &*flight.stale : nullptr;
}

void Seat::offer(Hit stale) {
  if (!leads_) return;
  Flight& flight = (*entry_)->second;
  flight.stale = std::move(stale);
  flight.changed.notify();
}

void Seat::land(Hit hit) {
  if (!leads_) return;
  (*entry_)->second.landed = std::move(hit);
  end_lead();
}

void Seat::fail() {
  if (!leads_) return;
  Flight& flight = (*entry_)->second;
  flight.dissolved = ++flight.failures >= kFailuresMax;
  end_lead();
}

void Seat::dissolve() {
  if (!leads_) return;
  (*entry_)->second.dissolved = true;
  end_lead();
}

void Seat::end_lead() {
  leads_ = false;
  Flight& flight = (*entry_)->second;
  flight.led = false;
  flight.changed.notify();
}
