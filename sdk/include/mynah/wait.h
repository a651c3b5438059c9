// SPDX-License-Identifier: Apache-2.0
// Waiting: sleep, time-outs, and several waits at once.
//
//   co_await sleep(200ms);
//   auto kept = co_await with_timeout(redis.get(key), 50ms);  // a Result: Errc::timeout when late
//   auto [a, b] = co_await all(http::get("one", "/"), http::get("two", "/"));
//   auto first = co_await any(response.next_piece(), sleep(5s));  // a variant; others are dropped
//
// Everything that can be awaited can be given to them. Hosts round waits up to their own steps: to
// whole milliseconds at least, this gateway to ten.
#pragma once

#include <coroutine>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/result.h"
#include "base/task.h"
#include "base/time.h"

namespace mynah {
inline namespace plugin {

class Exchange;

// The host's clock.
[[nodiscard]] WallTime now();

namespace inner {

// The root of what waits for the outside: who is resumed, for which exchange. Leaving the scope
// forgets the wait.
class Timer {
 public:
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { stop(); }
  void stop();

 protected:
  Timer() = default;
  void start(Duration duration, std::coroutine_handle<> waiter);

 private:
  friend class Runtime;
  Timer* next_ = nullptr;
  Timer** link_ = nullptr;  // where the pointer to this one stands; null: not running
  WallTime deadline_{};
  Exchange* exchange_ = nullptr;
  std::coroutine_handle<> waiter_;
};

class [[nodiscard]] SleepWait final : public Timer {
 public:
  explicit SleepWait(Duration duration) : duration_(duration) {}
  bool await_ready() const { return duration_ <= Duration::zero(); }
  void await_suspend(std::coroutine_handle<> waiter) { start(duration_, waiter); }
  void await_resume() const {}

 private:
  Duration duration_;
};

// A call to the outside that the host answers with a callback of the same token.
class HostCall {
 public:
  HostCall(const HostCall&) = delete;
  HostCall& operator=(const HostCall&) = delete;

 protected:
  HostCall() = default;
  ~HostCall() = default;

  // For the call that was dispatched under this token.
  void dispatched(std::uint32_t token);
  std::uint32_t token_ = 0;
  bool underway_ = false;
  std::coroutine_handle<> waiter_;

 private:
  friend class Runtime;
  // Takes over what the host has, while it has it.
  virtual void answered(std::uint32_t first, std::uint32_t second) = 0;
  Exchange* exchange_ = nullptr;
};

template <class T>
struct IsTask : std::false_type {};
template <class T>
struct IsTask<Task<T>> : std::true_type {};

// A wait of this SDK that is not a Task. Like a Task it cannot be moved, and lives until the end of
// the expression that made it.
template <class W>
concept Wait = !IsTask<std::remove_cvref_t<W>>::value &&
               requires(std::remove_cvref_t<W>& wait) { wait.await_resume(); };

// What a wait yields in a group: a pointer where it yields a reference.
template <class T>
using Grouped = std::conditional_t<std::is_reference_v<T>, std::add_pointer_t<T>, T>;

template <Wait W>
auto as_task(W& wait) -> Task<Grouped<decltype(wait.await_resume())>> {
  if constexpr (std::is_reference_v<decltype(wait.await_resume())>) {
    co_return &co_await wait;
  } else {
    co_return co_await wait;
  }
}
template <class T>
Task<T> as_task(Task<T>& task) {
  return Task<T>(task.release());
}

// Result<Result<T>> would say the same thing twice.
template <class T>
struct Timed {
  using Type = Result<T>;
};
template <>
struct Timed<void> {
  using Type = Status;
};
template <class T>
struct Timed<Result<T>> {
  using Type = Result<T>;
};

template <class T>
auto timed(Task<T>& task, Duration limit) -> Task<typename Timed<T>::Type> {
  SleepWait alarm(limit);
  auto first = co_await mynah::any(as_task(task), as_task(alarm));
  if (first.index() == 1) co_return Error{Errc::timeout, "no answer within the time allowed"};
  if constexpr (std::is_void_v<T>) {
    co_return Unit{};
  } else {
    co_return std::get<0>(std::move(first));
  }
}
template <Wait W>
auto timed(W& wait, Duration limit)
    -> Task<typename Timed<Grouped<decltype(wait.await_resume())>>::Type> {
  auto task = as_task(wait);
  co_return co_await timed(task, limit);
}

}  // namespace inner

[[nodiscard]] inline inner::SleepWait sleep(Duration duration) {  // tidy: allow sleep: a timer
  return inner::SleepWait(duration);
}

// What `wait` yields, as a Result (a pointer in place of a reference); when it takes longer than
// `limit`, it is cancelled and the error is Errc::timeout.
template <class W>
auto with_timeout(W&& wait, Duration limit) {
  return inner::timed(wait, limit);
}

template <class... W>
  requires(inner::Wait<W> || ...)
auto all(W&&... waits) {
  return mynah::all(inner::as_task(waits)...);
}
template <class... W>
  requires(inner::Wait<W> || ...)
auto any(W&&... waits) {
  return mynah::any(inner::as_task(waits)...);
}

}  // namespace plugin
}  // namespace mynah
