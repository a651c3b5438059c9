// SPDX-License-Identifier: Apache-2.0
// The event loop on epoll and an eventfd that other threads wake it by.
#include "aio/loop.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include <utility>

namespace mynah {
namespace {

constexpr std::size_t kEventsPerTurn = 256;
constexpr int kLongestWaitMilliseconds = 60'000;
constexpr Duration kLongestWait = std::chrono::milliseconds(kLongestWaitMilliseconds);
constexpr int kSettleMilliseconds = 5;

// Stands in the event of the wake-up descriptor in the place of a Readiness.
char wakeup_mark;

Duration read_clock(clockid_t which) {
  timespec time{};
  ::clock_gettime(which, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

Instant SystemClock::now() const { return Instant(read_clock(CLOCK_MONOTONIC)); }
WallTime SystemClock::wall_now() const { return WallTime(read_clock(CLOCK_REALTIME)); }

void Soon::schedule(Loop& loop) {
  if (place_.after != nullptr) return;
  place_.soon = this;
  place_.after = &loop.soon_;
  place_.before = loop.soon_.before;
  place_.before->after = &place_;
  loop.soon_.before = &place_;
}

void Soon::cancel() {
  if (place_.after == nullptr) return;
  place_.before->after = place_.after;
  place_.after->before = place_.before;
  place_.after = nullptr;
}

Status Readiness::watch(Loop& loop, int descriptor) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = this;
  if (::epoll_ctl(loop.epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) {
    return Error{Errc::exhausted, std::string("watch a descriptor: ") + std::strerror(errno)};
  }
  loop_ = &loop;
  descriptor_ = descriptor;
  ++loop.watched_;
  return ok();
}

void Readiness::forget() {
  if (loop_ == nullptr) return;
  // Events of this turn that still name us must not reach us any more.
  for (epoll_event& event : loop_->pending_) {
    if (event.data.ptr == this) event.data.ptr = nullptr;
  }
  ::epoll_ctl(loop_->epoll_, EPOLL_CTL_DEL, descriptor_, nullptr);
  --loop_->watched_;
  loop_ = nullptr;
}

void Readiness::take(std::uint32_t events) {
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) broken = true;
  if ((events & (EPOLLRDHUP | EPOLLERR | EPOLLHUP)) != 0) peer_closed = true;
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLERR | EPOLLHUP)) != 0) readable = true;
  if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) writable = true;
}

Loop::Loop(const Clock& clock, SimulatedClock* simulated, int epoll, int wakeup)
    : clock_(&clock),
      simulated_(simulated),
      epoll_(epoll),
      wakeup_(wakeup),
      now_(clock.now()),
      turn_end_(now_),
      timers_(now_) {
  events_.resize(kEventsPerTurn);
  soon_.before = soon_.after = &soon_;
}

namespace {

const SystemClock machine_clock;

struct Descriptors {
  int epoll = -1;
  int wakeup = -1;
};

Result<Descriptors> open_descriptors() {
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0)
    return Error{Errc::exhausted, std::string("open an epoll descriptor: ") + std::strerror(errno)};
  const int wakeup = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = &wakeup_mark;
  if (wakeup < 0 || ::epoll_ctl(epoll, EPOLL_CTL_ADD, wakeup, &event) != 0) {
    const int reason = errno;
    ::close(epoll);
    if (wakeup >= 0) ::close(wakeup);
    return Error{Errc::exhausted,
                 std::string("open an event descriptor: ") + std::strerror(reason)};
  }
  return Descriptors{epoll, wakeup};
}

}  // namespace

Result<std::unique_ptr<Loop>> Loop::create() {
  MYNAH_LET(const Descriptors opened, open_descriptors());
  // tidy: allow new: private constructor
  return std::unique_ptr<Loop>(new Loop(machine_clock, nullptr, opened.epoll, opened.wakeup));
}

Result<std::unique_ptr<Loop>> Loop::create(SimulatedClock& clock) {
  MYNAH_LET(const Descriptors opened, open_descriptors());
  // tidy: allow new: private constructor
  return std::unique_ptr<Loop>(new Loop(clock, &clock, opened.epoll, opened.wakeup));
}

Loop::~Loop() {
  // What was posted and never ran may own descriptors that this loop watches.
  mail_.clear();
  ::close(wakeup_);
  ::close(epoll_);
}

void Loop::run() {
  stopping_ = false;
  while (!stopping_) {
    if (simulated_ != nullptr) {
      turn_simulated(true);
    } else {
      turn(milliseconds_to_next());
    }
  }
}

void Loop::run_until_idle() {
  MYNAH_CHECK(simulated_ != nullptr);
  run_until([] { return false; });
}

bool Loop::turn_once() {
  if (simulated_ != nullptr) return turn_simulated(false);
  turn(milliseconds_to_next());
  return true;
}

void Loop::stop() {
  post([this] { stopping_ = true; });
}

void Loop::post(Work work) {
  {
    const std::lock_guard lock(mail_mutex_);
    mail_.push_back(std::move(work));
    if (mail_.size() > 1) return;  // Whoever put the first one in has woken the loop.
  }
  wake();
}

void Loop::wake() {
  const std::uint64_t one = 1;
  while (::write(wakeup_, &one, sizeof one) < 0 && errno == EINTR) {
  }
}

Duration Loop::take_longest_turn() { return std::exchange(longest_turn_, Duration{}); }

int Loop::milliseconds_to_next() const {
  if (soon_.after != &soon_) return 0;
  const Instant next = timers_.next();
  if (next <= turn_end_) return 0;
  const Duration left = std::min<Duration>(next - turn_end_, kLongestWait);
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
}

// Waits for events and makes them the pending ones; returns how many there are.
int Loop::wait(int milliseconds) {
  const int room = static_cast<int>(events_.size());
  const int count = ::epoll_wait(epoll_, events_.data(), room, milliseconds);
  MYNAH_CHECK(count >= 0 || errno == EINTR);
  pending_ = std::span(events_).first(static_cast<std::size_t>(std::max(count, 0)));
  return std::max(count, 0);
}

void Loop::turn(int wait_milliseconds) {
  wait(wait_milliseconds);
  now_ = clock_->now();
  handle_events();
}

// When nothing is ready, time jumps to the next timer. Returns false when there is no timer either.
bool Loop::turn_simulated(bool may_block) {
  if (wait(0) == 0 && soon_.after == &soon_) {
    // What was sent over a socket may still be on its way through the kernel.
    const int settle = watched_ > 0 ? kSettleMilliseconds : 0;
    const Instant next = timers_.next();
    const bool block = away_ > 0 || (may_block && next == kNever);
    if (wait(block ? kLongestWaitMilliseconds : settle) == 0 && !block) {
      if (next == kNever) return false;
      simulated_->advance_to(next);
    }
  }
  now_ = clock_->now();
  handle_events();
  return true;
}

void Loop::handle_events() {
  ++turn_number_;
  while (!pending_.empty()) {
    epoll_event& event = pending_.front();
    if (event.data.ptr == &wakeup_mark) {
      take_mail();
    } else if (event.data.ptr != nullptr) {
      tell(event);
    }
    pending_ = pending_.subspan(1);
  }
  timers_.advance(now_);
  run_soon();
  turn_end_ = clock_->now();
  longest_turn_ = std::max(longest_turn_, turn_end_ - now_);
}

// Each of those who are told may destroy the readiness; forget() then blanks the event.
void Loop::tell(epoll_event& event) {
  auto& readiness = *static_cast<Readiness*>(event.data.ptr);
  readiness.take(event.events);
  if (readiness.reader != nullptr) readiness.reader->on_ready();
  if (event.data.ptr == nullptr) return;
  if (readiness.writer != nullptr) readiness.writer->on_ready();
  if (event.data.ptr == nullptr) return;
  if (readiness.watcher != nullptr && readiness.peer_closed) {
    std::exchange(readiness.watcher, nullptr)->on_hangup();
  }
}

// What is scheduled while it runs waits for the next turn: the ring is cut off first and put in a
// ring of its own.
void Loop::run_soon() {
  if (soon_.after == &soon_) return;
  Soon::Link now = soon_;
  now.after->before = &now;
  now.before->after = &now;
  soon_.before = soon_.after = &soon_;
  while (now.after != &now) {
    Soon& soon = *static_cast<Soon::Place*>(now.after)->soon;
    soon.cancel();
    soon.run_(soon.whom_);
  }
}

void Loop::take_mail() {
  std::uint64_t count = 0;
  while (::read(wakeup_, &count, sizeof count) < 0 && errno == EINTR) {
  }
  std::vector<Work> mail;
  {
    const std::lock_guard lock(mail_mutex_);
    mail.swap(mail_);
  }
  for (Work& work : mail) {
    work();
    work = nullptr;  // What it holds goes before the next one runs.
  }
}

}  // namespace mynah
