// SPDX-License-Identifier: Apache-2.0
// Loop: the event loop of one thread. Everything that belongs to it (sockets, timers, coroutines)
// is used on that thread only; other threads reach it through post().
//
//   auto loop = *Loop::create();
//   Scope scope(*loop);
//   scope.spawn(serve, …);
//   loop->run();
//
// A turn of the loop: wait for events, resume what waits for sockets, run what was posted, fire
// timers, run what is to run soon. The time is read once a turn, so now() is cheap and the same for
// all that happens in a turn. Sockets come before timers, so that what arrived while the loop was
// held up is not taken for late.
//
// Sockets are registered once, edge-triggered, for both directions. Whoever waits for one is an
// object that unhooks itself when it is destroyed, so that dropping a coroutine cancels whatever it
// waits for (base/task.h).
//
// All that belongs to a loop is destroyed before it.
#pragma once

#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "aio/timer.h"
#include "base/result.h"
#include "base/time.h"

struct epoll_event;

namespace mynah {

// Someone who waits for a descriptor: told of every event, whichever direction it is about, since
// TLS may need either to go on. At most one waits to read and one to write.
class ReadinessWaiter {
 public:
  virtual void on_ready() = 0;

 protected:
  ~ReadinessWaiter() = default;
};

// Told once when the peer has closed its side or the connection is broken, whoever else waits.
class HangupWatcher {
 public:
  virtual void on_hangup() = 0;

 protected:
  ~HangupWatcher() = default;
};

class Loop;

// What the loop knows of one descriptor. It is owned by the object that owns the descriptor.
class Readiness final {
 public:
  Readiness() = default;
  Readiness(Readiness&&) = delete;
  ~Readiness() { forget(); }

  // Registers the descriptor, which must be non-blocking, for good.
  Status watch(Loop& loop, int descriptor);
  // Before the descriptor is closed.
  void forget();

  // Set by events, cleared by whoever finds the descriptor drained or full.
  bool readable = false;
  bool writable = false;
  // The peer has sent its last byte (it may still read), or the connection is broken both ways.
  bool peer_closed = false;
  bool broken = false;

  ReadinessWaiter* reader = nullptr;
  ReadinessWaiter* writer = nullptr;
  HangupWatcher* watcher = nullptr;

 private:
  friend class Loop;
  void take(std::uint32_t events);

  Loop* loop_ = nullptr;
  int descriptor_ = -1;
};

// Calls `run(whom)` once, at the end of the turn in which it was scheduled (or of the next one,
// when that end is under way), outside of whoever scheduled it: for what must not destroy its
// caller. Forgets it when destroyed.
class Soon final {
 public:
  // A place in the loop's ring of what is to run.
  struct Link {
    Link* before = nullptr;
    Link* after = nullptr;
  };

  using Run = void (*)(void* whom);

  Soon(Run run, void* whom) : run_(run), whom_(whom) {}
  Soon(Soon&&) = delete;
  ~Soon() { cancel(); }

  // Scheduling what is scheduled changes nothing.
  void schedule(Loop& loop);
  void cancel();

 private:
  friend class Loop;

  struct Place : Link {
    Soon* soon = nullptr;
  };

  Run run_;
  void* whom_;
  Place place_;  // Unlinked when not scheduled.
};

class Loop final {
 public:
  using Work = std::move_only_function<void()>;

  // Runs on the machine's clock.
  static Result<std::unique_ptr<Loop>> create();
  // Runs in simulated time: when nothing is ready, the clock jumps to the next timer.
  static Result<std::unique_ptr<Loop>> create(SimulatedClock& clock);
  ~Loop();
  Loop(Loop&&) = delete;

  // Turns until stop(), which any thread may call.
  void run();
  void stop();
  // Turns until nothing is ready and no timer is armed, or stop(). In simulated time only.
  void run_until_idle();
  // Turns until `done()`, or stop(). False when the loop, in simulated time, is idle before.
  template <class Done>
  bool run_until(Done done) {
    stopping_ = false;
    while (!stopping_ && !done()) {
      if (!turn_once()) return false;
    }
    return true;
  }

  [[nodiscard]] Instant now() const { return now_; }
  // The instant that lies so far ahead; kNever when that is beyond all time.
  [[nodiscard]] Instant in(Duration duration) const {
    return duration < kNever - now_ ? now_ + duration : kNever;
  }
  [[nodiscard]] const Clock& clock() const { return *clock_; }
  [[nodiscard]] WallTime wall_now() const { return clock_->wall_now(); }
  [[nodiscard]] TimerWheel& timers() { return timers_; }

  // Runs the work on this loop's thread in a later turn. Any thread may call.
  void post(Work work);
  // The longest that a turn took since the last call, waiting not counted: what shows that
  // something blocks the loop.
  Duration take_longest_turn();
  // Which turn it is: for those who limit what they do in one.
  [[nodiscard]] std::uint64_t turn_number() const { return turn_number_; }

  // While one lives, work is under way elsewhere that will be posted to this loop: simulated time
  // stands still and the loop is not idle. Made and destroyed on the loop's thread.
  class Away;

 private:
  friend class Readiness;
  friend class Soon;

  Loop(const Clock& clock, SimulatedClock* simulated, int epoll, int wakeup);

  bool turn_once();
  void turn(int wait_milliseconds);
  bool turn_simulated(bool may_block);
  int wait(int milliseconds);
  [[nodiscard]] int milliseconds_to_next() const;
  void handle_events();
  void tell(epoll_event& event);
  void run_soon();
  void take_mail();
  void wake();

  const Clock* clock_;
  SimulatedClock* simulated_;
  int epoll_;
  int wakeup_;
  Instant now_;
  Instant turn_end_;
  Duration longest_turn_{};
  std::uint64_t turn_number_ = 0;
  std::size_t watched_ = 0;  // Descriptors.
  std::size_t away_ = 0;
  TimerWheel timers_;
  std::vector<epoll_event> events_;
  std::span<epoll_event> pending_;  // Events of this turn that are not handled yet.
  Soon::Link soon_;                 // The ring's own link; what was scheduled first comes after it.
  bool stopping_ = false;

  std::mutex mail_mutex_;
  std::vector<Work> mail_;  // Guarded by mail_mutex_.
};

class Loop::Away final {
 public:
  explicit Away(Loop& loop) : loop_(loop) { ++loop_.away_; }
  Away(Away&&) = delete;
  ~Away() { --loop_.away_; }

 private:
  Loop& loop_;
};

// co_await Sleep(loop, until): resumes at the instant or soon after.
class [[nodiscard]] Sleep final {
 public:
  Sleep(Loop& loop, Instant until) : loop_(loop), until_(until), timer_(&Sleep::fire, this) {}
  Sleep(Loop& loop, Duration duration) : Sleep(loop, loop.in(duration)) {}

  bool await_ready() const { return until_ <= loop_.now(); }
  void await_suspend(std::coroutine_handle<> awaiter) {
    awaiter_ = awaiter;
    timer_.arm(loop_.timers(), until_);
  }
  void await_resume() const {}

 private:
  static void fire(void* self) { static_cast<Sleep*>(self)->awaiter_.resume(); }

  Loop& loop_;
  Instant until_;
  std::coroutine_handle<> awaiter_;
  Timer timer_;
};

// co_await Yield(loop): lets everyone else who is ready have a turn first.
class [[nodiscard]] Yield final {
 public:
  explicit Yield(Loop& loop) : loop_(loop), soon_(&Yield::resume, this) {}

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> awaiter) {
    awaiter_ = awaiter;
    soon_.schedule(loop_);
  }
  void await_resume() const {}

 private:
  static void resume(void* self) { static_cast<Yield*>(self)->awaiter_.resume(); }

  Loop& loop_;
  std::coroutine_handle<> awaiter_;
  Soon soon_;
};

// The machine's clock.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override;
  [[nodiscard]] WallTime wall_now() const override;
};

}  // namespace mynah
