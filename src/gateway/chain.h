// SPDX-License-Identifier: Apache-2.0
// Chain: the filters of one exchange, and what is on its way through them. Requests pass them in
// order, responses in the opposite order.
//
// Heads, pieces of bodies and ends are put in on one side with head(), body() and trailers(); they
// run through the filters at once, as far as these let them, and what comes out on the other side
// is collected: passed(), output(), ended(). A filter that stops a direction holds what comes
// after; resume() lets it go on. Nothing here waits: whoever drives the exchange is told through
// ChainWatcher that there is something new, and looks.
//
// What a filter's answer means:
// - stop_iteration to a head: the head waits; the body is shown to this filter as it comes and
// gathered; the head and
//   what was gathered go on when the filter continues, be it in on_body or by resume().
// - stop_all…: nothing is shown until resume(); what comes meanwhile waits (in practice the sender
// is slowed down, since
//   wants_more() is false).
// - stop_and_buffer / stop_and_watermark to a body: the piece is kept; the filter is shown all that
// was gathered with
//   each new piece. stop_no_buffer: the piece is dropped.
// - A filter that fails is taken out, and what it held goes on (on_failure open), or the exchange
// fails (closed).
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/recycled.h"
#include "base/slice.h"
#include "gateway/filter.h"

namespace mynah {

class ChainWatcher {
 public:
  // Something has come out, or the exchange is to end another way. Called from inside the chain,
  // which must not be destroyed in the call.
  virtual void chain_changed() = 0;
  // A filter has failed and what became of the exchange.
  virtual void filter_failed(const Filter& filter, const Error& error) = 0;

 protected:
  ~ChainWatcher() = default;
};

// Why an exchange is to end otherwise than by the service's response.
struct ChainFailure {
  enum class Kind : unsigned char { filter_failed, body_too_large, reset };
  Kind kind = Kind::filter_failed;
  Direction direction = Direction::request;  // In which it happened.
  std::string filter;
};

class Chain final {
 public:
  // Bodies that are gathered for a filter may have `gathered_bytes_max`.
  Chain(ChainWatcher& watcher, std::size_t gathered_bytes_max);
  ~Chain();
  Chain(Chain&&) = delete;

  // How many filters will be added at most.
  void expect(std::size_t filters) { seats_.reserve(filters); }
  // Before anything is put in, in the order of requests. Returns the filter's place.
  std::size_t add(std::unique_ptr<Filter> filter);
  [[nodiscard]] bool empty() const { return seats_.empty(); }
  [[nodiscard]] std::size_t size() const { return seats_.size(); }
  [[nodiscard]] Filter& filter(std::size_t place) { return *seats_[place].filter; }
  // Whether some filter wants to see the body.
  [[nodiscard]] bool wants_body(Direction direction) const;

  void head(Direction direction, End end);
  void body(Direction direction, SliceChain bytes, End end);
  // The end of a body that trailers follow.
  void trailers(Direction direction);

  [[nodiscard]] bool head_given(Direction direction) const { return flow(direction).head_given; }
  // The head has passed all filters; with ended() at that time, it has no body.
  [[nodiscard]] bool passed(Direction direction) const { return flow(direction).passed; }
  // Body bytes that have come out; the taker empties it.
  [[nodiscard]] SliceChain& output(Direction direction) { return flow(direction).output; }
  // The last byte has come out; trailers_passed() says whether trailers are its end.
  [[nodiscard]] bool ended(Direction direction) const { return flow(direction).ended; }
  [[nodiscard]] bool trailers_passed(Direction direction) const {
    return flow(direction).trailers_passed;
  }
  // Whether it makes sense to put more of the body in: no filter stops all, little waits to be
  // taken.
  [[nodiscard]] bool wants_more(Direction direction) const;

  // An answer that a filter gave in place of the service's. The request goes no further.
  [[nodiscard]] std::optional<wasm::LocalResponse>& answer() { return answer_; }
  [[nodiscard]] bool answered() const { return answer_.has_value(); }
  [[nodiscard]] const std::optional<ChainFailure>& failure() const { return failure_; }
  // The first filter that holds a direction up by itself, all that it waits for having come; a
  // filter that gathers a body whose sender has not ended holds nothing up.
  [[nodiscard]] std::optional<std::size_t> holder(Direction direction) const;

  // For the filter at `place` (wasm::Exchange says when each is called).
  [[nodiscard]] SliceChain* body_of(std::size_t place, Direction direction);
  void resume(std::size_t place, Direction direction);
  void respond(std::size_t place, wasm::LocalResponse response);
  void reset(std::size_t place);
  void inject_response(std::size_t place, std::string bytes, End end);
  void fail(std::size_t place, const Error& error);

 private:
  // What a filter does with one direction.
  enum class State : unsigned char {
    open,
    head_stopped,
    all_stopped,
    body_stopped,
    trailers_stopped
  };

  struct Seat {
    std::unique_ptr<Filter> filter;
    struct Side {
      State state = State::open;
      bool reached = false;    // The head has been shown.
      End head_end = End::no;  // With which it was shown.
      SliceChain held;         // Shown already, but for all_stopped.
      End held_end = End::no;
      bool held_trailers = false;
      bool showing = false;  // `held` is what the filter is being shown.
    };
    Side sides[2];
    bool out = false;  // Taken out of the chain.
  };

  struct Flow {
    bool passed = false;
    SliceChain output;
    bool ended = false;
    bool trailers_passed = false;
    bool head_given = false;
  };

  [[nodiscard]] Flow& flow(Direction direction) {
    return flows_[static_cast<std::size_t>(direction)];
  }
  [[nodiscard]] const Flow& flow(Direction direction) const {
    return flows_[static_cast<std::size_t>(direction)];
  }
  [[nodiscard]] Seat& seat_at(Direction direction, std::size_t step);
  [[nodiscard]] std::size_t step_of(Direction direction, std::size_t place) const;
  static Seat::Side& side(Seat& seat, Direction direction) {
    return seat.sides[static_cast<std::size_t>(direction)];
  }

  void push_head(Direction direction, std::size_t step, End end);
  void push_body(Direction direction, std::size_t step, SliceChain bytes, End end);
  void push_trailers(Direction direction, std::size_t step);
  // Shows a piece to the filter at `step`; false when it stops there.
  bool show_body(Direction direction, std::size_t step, SliceChain& bytes, End end);
  void release(Direction direction, std::size_t step);
  void take_out(Direction direction, Seat& seat, const Error& error);
  [[nodiscard]] bool stopped_for_good() const {
    return answer_.has_value() || failure_.has_value();
  }

  ChainWatcher& watcher_;
  std::size_t gathered_bytes_max_;
  std::vector<Seat, recycled::Allocator<Seat>> seats_;
  Flow flows_[2];
  std::optional<wasm::LocalResponse> answer_;
  bool answering_ = false;
  std::optional<ChainFailure> failure_;
};

}  // namespace mynah
