// SPDX-License-Identifier: Apache-2.0
// Flights: the questions that this machine is about to answer. Of equal ones the first leads: it
// looks the question up and, if need be, asks the model. The others wait in their seats, and all
// get the answer that lands.
//
//   Seat seat(config.flights, question.fingerprint(), config.coalescing);
//   co_await seat.wait();
//   if (seat.landed()) …                  // somebody else has brought the answer
//   if (seat.leads()) … seat.land(hit);   // it is this one's turn to bring it
//
// A leader that goes away hands over to one of those who wait, and so does one that fails, a few
// times. An answer that is not for others lets everybody ask alone. Nobody waits for ever, and no
// more than so many wait: who is one too many has neither a leader nor a turn, and asks alone.
//
// What several machines have in common is the store: see Lookup.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "hit.h"
#include <mynah/config.h>
#include <mynah/event.h>
#include <mynah/wait.h>

struct Coalescing {
  bool enabled = true;
  std::uint32_t waiters_max = 1000;  // for one answer
  std::chrono::milliseconds patience{60'000};

  static void describe(mynah::Schema<Coalescing>& schema);
};

struct Flight {
  std::optional<Hit> landed;
  std::optional<Hit> stale;  // good enough for those who would wait
  bool led = false;
  bool dissolved = false;  // everybody asks alone
  std::uint32_t failures = 0;
  std::uint32_t seats = 0;
  mynah::Event changed;
};

class Flights final {
 public:
  Flights() = default;
  Flights(Flights&&) = delete;

  // By which the store knows this machine.
  const std::string& token();

 private:
  friend class Seat;
  std::map<std::string, Flight> flights_;  // by fingerprint
  std::string token_;
};

class Seat final {
 public:
  // What is given outlives the seat.
  Seat(Flights& flights, std::string fingerprint, const Coalescing& rules);
  Seat(Seat&&) = delete;
  ~Seat();

  // Until an answer has landed, it is this one's turn to lead, or it is to ask alone.
  mynah::Task<> wait();
  [[nodiscard]] const Hit* landed() const;
  [[nodiscard]] bool leads() const { return leads_; }

  // What a leader has that is past its time: nobody waits while it asks for a new one.
  void offer(Hit stale);
  // How a leader ends; no more than one of them. Without any the next in turn leads.
  void land(Hit hit);
  // The model could not be asked: another may have better luck.
  void fail();
  // What the model says is for one only.
  void dissolve();

 private:
  using Entry = std::map<std::string, Flight>::iterator;
  mynah::Task<> wait_for_turn();
  void end_lead();

  Flights& flights_;
  const Coalescing& rules_;
  std::optional<Entry> entry_;  // none: too many were there
  bool leads_ = false;
};
