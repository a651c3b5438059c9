// SPDX-License-Identifier: Apache-2.0
// The state of each filter in each direction, and the pushing of what comes in as far as it goes.
//
// A step counts the filters in the order in which a direction passes them; step size() is the way
// out. Every push runs until a filter stops it; what a filter holds is pushed on from the step
// behind it when it lets go.
#include "gateway/chain.h"

#include <algorithm>
#include <utility>

namespace mynah {
namespace {

// What may wait at the way out before the sender is slowed down.
constexpr std::size_t kOutputBytesMax = 64 * 1024;

using abi::BodyAction;
using abi::HeadersAction;
using abi::TrailersAction;

}  // namespace

Chain::Chain(ChainWatcher& watcher, std::size_t gathered_bytes_max)
    : watcher_(watcher), gathered_bytes_max_(gathered_bytes_max) {}

Chain::~Chain() = default;

std::size_t Chain::add(std::unique_ptr<Filter> filter) {
  seats_.push_back(Seat{std::move(filter), {}, false});
  return seats_.size() - 1;
}

bool Chain::wants_body(Direction direction) const {
  return std::ranges::any_of(
      seats_, [&](const Seat& seat) { return !seat.out && seat.filter->wants_body(direction); });
}

Chain::Seat& Chain::seat_at(Direction direction, std::size_t step) {
  return seats_[direction == Direction::request ? step : seats_.size() - 1 - step];
}

std::size_t Chain::step_of(Direction direction, std::size_t place) const {
  return direction == Direction::request ? place : seats_.size() - 1 - place;
}

void Chain::head(Direction direction, End end) {
  flow(direction).head_given = true;
  if (direction == Direction::response && answer_) {
    // The response is the answer itself, which passes the filters as any response does.
    answer_.reset();
    answering_ = true;
  }
  push_head(direction, 0, end);
  watcher_.chain_changed();
}

void Chain::body(Direction direction, SliceChain bytes, End end) {
  push_body(direction, 0, std::move(bytes), end);
  watcher_.chain_changed();
}

void Chain::trailers(Direction direction) {
  push_trailers(direction, 0);
  watcher_.chain_changed();
}

void Chain::push_head(Direction direction, std::size_t step, End end) {
  for (; step < seats_.size(); ++step) {
    Seat& seat = seat_at(direction, step);
    // A filter that has not seen the request knows nothing of the exchange: it does not see the
    // answer either.
    if (seat.out || (direction == Direction::response && !side(seat, Direction::request).reached))
      continue;
    Seat::Side& here = side(seat, direction);
    here.reached = true;
    here.head_end = end;
    auto action = seat.filter->on_headers(direction, end);
    if (stopped_for_good()) return;
    if (!action) {
      take_out(direction, seat, action.error());
      if (stopped_for_good()) return;
      continue;
    }
    switch (*action) {
      case HeadersAction::continue_iteration:
        break;
      case HeadersAction::continue_and_end_stream:
        end = End::yes;
        break;
      case HeadersAction::stop_iteration:
        here.state = State::head_stopped;
        return;
      case HeadersAction::stop_all_and_buffer:
      case HeadersAction::stop_all_and_watermark:
        here.state = State::all_stopped;
        return;
    }
  }
  Flow& out = flow(direction);
  out.passed = true;
  if (end == End::yes) out.ended = true;
}

// Returns whether the piece, as the filter left it, goes on; `bytes` is then all that goes on.
bool Chain::show_body(Direction direction, std::size_t step, SliceChain& bytes, End end) {
  Seat& seat = seat_at(direction, step);
  Seat::Side& here = side(seat, direction);
  here.held.append(std::exchange(bytes, {}));
  if (here.held.size() > gathered_bytes_max_ && here.state != State::open) {
    failure_ = ChainFailure{ChainFailure::Kind::body_too_large, direction, seat.filter->name()};
    return false;
  }
  here.held_end = end;
  BodyAction action =
      here.state == State::open ? BodyAction::continue_iteration : BodyAction::stop_and_buffer;
  if (seat.filter->wants_body(direction)) {
    here.showing = true;
    auto answered = seat.filter->on_body(direction, end);
    here.showing = false;
    if (stopped_for_good()) return false;
    if (!answered) {
      take_out(direction, seat, answered.error());
      return false;
    }
    action = *answered;
  }
  switch (action) {
    case BodyAction::continue_iteration:
      break;
    case BodyAction::stop_no_buffer:
      here.held.clear();
      [[fallthrough]];
    case BodyAction::stop_and_buffer:
    case BodyAction::stop_and_watermark:
      if (here.state == State::open) here.state = State::body_stopped;
      return false;
  }
  const bool head_waits = here.state == State::head_stopped;
  here.state = State::open;
  bytes = std::exchange(here.held, {});
  if (head_waits) push_head(direction, step + 1, bytes.empty() ? end : End::no);
  return true;
}

void Chain::push_body(Direction direction, std::size_t step, SliceChain bytes, End end) {
  for (; step < seats_.size() && !stopped_for_good(); ++step) {
    Seat& seat = seat_at(direction, step);
    Seat::Side& here = side(seat, direction);
    if (seat.out || !here.reached) continue;
    if (here.state == State::all_stopped) {
      here.held.append(std::move(bytes));
      here.held_end = end;
      if (here.held.size() > gathered_bytes_max_) {
        failure_ = ChainFailure{ChainFailure::Kind::body_too_large, direction, seat.filter->name()};
      }
      return;
    }
    if (here.state == State::open && !seat.filter->wants_body(direction)) continue;
    if (!show_body(direction, step, bytes, end)) return;
  }
  if (stopped_for_good()) return;
  Flow& out = flow(direction);
  out.output.append(std::move(bytes));
  if (end == End::yes) out.ended = true;
}

void Chain::push_trailers(Direction direction, std::size_t step) {
  for (; step < seats_.size() && !stopped_for_good(); ++step) {
    Seat& seat = seat_at(direction, step);
    Seat::Side& here = side(seat, direction);
    if (seat.out || !here.reached) continue;
    if (here.state == State::all_stopped) {
      here.held_trailers = true;
      return;
    }
    auto action = seat.filter->on_trailers(direction);
    if (stopped_for_good()) return;
    if (!action) {
      here.held_trailers = true;
      return take_out(direction, seat, action.error());
    }
    if (*action == TrailersAction::stop_iteration) {
      here.held_trailers = true;
      if (here.state == State::open) here.state = State::trailers_stopped;
      return;
    }
    // What was held for the body's sake goes on before the trailers.
    if (here.state != State::open) release(direction, step);
  }
  if (stopped_for_good()) return;
  flow(direction).trailers_passed = true;
  flow(direction).ended = true;
}

// Lets what the filter at `step` holds go on.
void Chain::release(Direction direction, std::size_t step) {
  Seat::Side& here = side(seat_at(direction, step), direction);
  const State was = std::exchange(here.state, State::open);
  if (was == State::open) return;
  SliceChain bytes = std::exchange(here.held, {});
  const End end = std::exchange(here.held_end, End::no);
  const bool trailers = std::exchange(here.held_trailers, false);
  if (was == State::all_stopped) {
    push_head(direction, step + 1, here.head_end);
    if (!stopped_for_good() && here.head_end == End::no && (!bytes.empty() || end == End::yes)) {
      push_body(direction, step, std::move(bytes), end);
    }
    if (!stopped_for_good() && trailers) push_trailers(direction, step);
    return;
  }
  if (was == State::head_stopped)
    push_head(direction, step + 1, bytes.empty() && end == End::yes ? End::yes : here.head_end);
  const bool more = !bytes.empty() || (end == End::yes && was == State::body_stopped);
  if (!stopped_for_good() && more) push_body(direction, step + 1, std::move(bytes), end);
  if (!stopped_for_good() && trailers) push_trailers(direction, step + 1);
}

void Chain::resume(std::size_t place, Direction direction) {
  if (stopped_for_good() || seats_[place].out) return;
  // A request that was answered goes no further, whoever lets it go on later.
  if (answering_ && direction == Direction::request) return;
  release(direction, step_of(direction, place));
  watcher_.chain_changed();
}

void Chain::take_out(Direction direction, Seat& seat, const Error& error) {
  watcher_.filter_failed(*seat.filter, error);
  if (seat.filter->on_failure() == Filter::OnFailure::closed) {
    failure_ = ChainFailure{ChainFailure::Kind::filter_failed, direction, seat.filter->name()};
    return;
  }
  seat.out = true;
  const std::size_t place = static_cast<std::size_t>(&seat - seats_.data());
  for (const Direction each : {Direction::request, Direction::response}) {
    if (stopped_for_good()) return;
    Seat::Side& here = side(seat, each);
    // A piece that was being shown when the filter failed goes on as it is.
    if (here.state == State::open && (!here.held.empty() || here.held_end == End::yes))
      here.state = State::body_stopped;
    if (here.state == State::open && here.held_trailers) here.state = State::trailers_stopped;
    release(each, step_of(each, place));
  }
}

void Chain::fail(std::size_t place, const Error& error) {
  Seat& seat = seats_[place];
  if (seat.out || stopped_for_good()) return;
  const Direction direction =
      flow(Direction::response).head_given ? Direction::response : Direction::request;
  take_out(direction, seat, error);
  watcher_.chain_changed();
}

void Chain::respond(std::size_t place, wasm::LocalResponse response) {
  if (stopped_for_good() || answering_ || seats_[place].out) return;
  answer_ = std::move(response);
  watcher_.chain_changed();
}

void Chain::reset(std::size_t place) {
  if (stopped_for_good()) return;
  failure_ =
      ChainFailure{ChainFailure::Kind::reset, Direction::request, seats_[place].filter->name()};
  watcher_.chain_changed();
}

void Chain::inject_response(std::size_t place, std::string bytes, End end) {
  if (stopped_for_good()) return;
  push_body(Direction::response, step_of(Direction::response, place) + 1,
            SliceChain(Slice::of(std::move(bytes))), end);
  watcher_.chain_changed();
}

SliceChain* Chain::body_of(std::size_t place, Direction direction) {
  Seat::Side& here = side(seats_[place], direction);
  const bool gathered = here.state == State::body_stopped || here.state == State::head_stopped;
  return here.showing || (gathered && !here.held.empty()) ? &here.held : nullptr;
}

bool Chain::wants_more(Direction direction) const {
  if (flow(direction).output.size() >= kOutputBytesMax) return false;
  return std::ranges::none_of(seats_, [&](const Seat& seat) {
    return !seat.out && seat.sides[static_cast<std::size_t>(direction)].state == State::all_stopped;
  });
}

std::optional<std::size_t> Chain::holder(Direction direction) const {
  for (std::size_t step = 0; step < seats_.size(); ++step) {
    const std::size_t place = step_of(direction, step);  // Either way round it is the same sum.
    const Seat& seat = seats_[place];
    const Seat::Side& here = seat.sides[static_cast<std::size_t>(direction)];
    if (seat.out || here.state == State::open) continue;
    const bool all_came = here.head_end == End::yes || here.held_end == End::yes ||
                          here.held_trailers || here.state == State::all_stopped;
    return all_came ? std::optional(place) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace mynah
