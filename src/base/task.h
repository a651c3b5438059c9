// SPDX-License-Identifier: Apache-2.0
// Task<T>: the one coroutine type, for the gateway and for plug-ins.
//
//   Task<Result<std::string>> fetch(std::string_view url);
//   auto page = co_await fetch("http://…");
//
// A task is lazy, cannot be moved, and is awaited in the expression that makes it. Its arguments
// therefore outlive it, and references and views are safe parameters. Two or more tasks run at once
// through all(…) and any(…), which take them as temporaries too:
//
//   auto [answer, neighbours] = co_await all(store.get(key), index.nearest(vector));
//
// Dropping a task that waits cancels it: the frames of the whole chain are destroyed, innermost
// last-awaited first, and their destructors undo what was begun. So every co_await may be the last
// line that runs; what must happen is in a destructor. A task is never destroyed from inside its
// own resumption.
//
// A root (the loop of a worker, the scheduler of a plug-in) drives a task by Task::start and
// Task::done.
//
// Resumption is by plain nested calls, never by symmetric transfer: it needs no tail calls, which
// WebAssembly and sanitizer builds lack, and it is faster here. A child that ends at once does not
// suspend its parent, so a loop of awaits that never wait uses no stack.
#pragma once

#include <coroutine>
#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/recycled.h"

namespace mynah {

template <class T>
class Task;

namespace detail {

// Who is told that a task has ended: an awaiting coroutine, or a group of tasks.
struct Continuation {
  void (*call)(void* whom) = nullptr;
  void* whom = nullptr;

  static Continuation resume(std::coroutine_handle<> awaiter) {
    return {[](void* frame) { std::coroutine_handle<>::from_address(frame).resume(); },
            awaiter.address()};
  }
};

class PromiseBase {
 public:
  static void* operator new(std::size_t size) { return recycled::take(size); }
  static void operator delete(void* frame, std::size_t size) noexcept {
    recycled::give_back(frame, size);
  }

  std::suspend_always initial_suspend() noexcept { return {}; }
  auto final_suspend() noexcept {
    struct Final {
      bool await_ready() noexcept { return false; }
      // The continuation may destroy the frame that this awaiter lives in; nothing here is touched
      // after the call.
      void await_suspend(std::coroutine_handle<>) noexcept {
        if (next.call != nullptr) next.call(next.whom);
      }
      void await_resume() noexcept {}
      Continuation next;
    };
    return Final{continuation};
  }
  void unhandled_exception() noexcept {
    check_failed("no exception leaves a coroutine", __FILE__, __LINE__);
  }

  Continuation continuation;
};

template <class T>
class Promise final : public PromiseBase {
 public:
  Task<T> get_return_object() noexcept;
  template <class U>
    requires std::is_constructible_v<T, U&&>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  T take() { return std::move(*value_); }

 private:
  std::optional<T> value_;
};

template <class T>
class Promise<T&> final : public PromiseBase {
 public:
  Task<T&> get_return_object() noexcept;
  void return_value(T& value) noexcept { value_ = &value; }
  T& take() noexcept { return *value_; }

 private:
  T* value_ = nullptr;
};

template <>
class Promise<void> final : public PromiseBase {
 public:
  Task<void> get_return_object() noexcept;
  void return_void() noexcept {}
  void take() noexcept {}
};

// What a group of tasks yields for a task of void.
template <class T>
using Yield = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <class T>
Yield<T> take_from(Promise<T>& promise) {
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return promise.take();
  }
}

}  // namespace detail

template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) noexcept : handle_(handle) {}
  Task(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  // For roots only: runs the task up to its first wait or to its end.
  void start() { handle_.resume(); }
  // As start(), and calls `call(whom)` when the task ends, be it at once. The call must not destroy
  // the task.
  void start(void (*call)(void*), void* whom) {
    handle_.promise().continuation = {call, whom};
    handle_.resume();
  }
  [[nodiscard]] bool done() const noexcept { return handle_.done(); }
  decltype(auto) result() { return handle_.promise().take(); }

  class [[nodiscard]] Awaiter {
   public:
    explicit Awaiter(Handle handle) noexcept : handle_(handle) {}
    Awaiter(Awaiter&&) = delete;
    ~Awaiter() { handle_.destroy(); }

    bool await_ready() noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> awaiter) {
      handle_.resume();
      if (handle_.done()) return false;
      handle_.promise().continuation = detail::Continuation::resume(awaiter);
      return true;
    }
    decltype(auto) await_resume() { return handle_.promise().take(); }

   private:
    Handle handle_;
  };

  // By value: only a temporary of the awaiting expression can be given.
  friend Awaiter operator co_await(Task task) { return Awaiter(std::exchange(task.handle_, {})); }

  // For groups of tasks, which take the frames of the temporaries that they were given.
  Handle release() noexcept { return std::exchange(handle_, {}); }

 private:
  Handle handle_;
};

namespace detail {

template <class T>
Task<T> Promise<T>::get_return_object() noexcept {
  return Task<T>(Task<T>::Handle::from_promise(*this));
}
template <class T>
Task<T&> Promise<T&>::get_return_object() noexcept {
  return Task<T&>(Task<T&>::Handle::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() noexcept {
  return Task<void>(Task<void>::Handle::from_promise(*this));
}

// The frames of several tasks that run at once, destroyed together.
template <class... T>
class Group {
 public:
  explicit Group(Task<T>&... tasks) : frames_(tasks.release()...) {}
  Group(Group&&) = delete;
  ~Group() {
    std::apply([](auto... frame) { (frame.destroy(), ...); }, frames_);
  }

 protected:
  std::tuple<typename Task<T>::Handle...> frames_;
};

template <class... T>
class All final : public Group<T...> {
 public:
  using Group<T...>::Group;

  bool await_ready() noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> awaiter) {
    const auto ended = [](void* group) {
      auto& all = *static_cast<All*>(group);
      if (--all.left_ == 0 && all.awaiter_) all.awaiter_.resume();
    };
    std::apply(
        [&](auto... frame) {
          ((frame.promise().continuation = {ended, this}, frame.resume()), ...);
        },
        this->frames_);
    if (left_ == 0) return false;
    awaiter_ = awaiter;
    return true;
  }
  std::tuple<Yield<T>...> await_resume() {
    return std::apply(
        [](auto... frame) { return std::tuple<Yield<T>...>(take_from(frame.promise())...); },
        this->frames_);
  }

 private:
  std::size_t left_ = sizeof...(T);
  std::coroutine_handle<> awaiter_;
};

template <class... T>
class Any final : public Group<T...> {
 public:
  using Group<T...>::Group;

  bool await_ready() noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> awaiter) {
    start_each(std::index_sequence_for<T...>());
    if (first_ != kNone) return false;
    awaiter_ = awaiter;
    return true;
  }
  std::variant<Yield<T>...> await_resume() { return take_first(std::index_sequence_for<T...>()); }

 private:
  static constexpr std::size_t kNone = sizeof...(T);

  template <std::size_t... I>
  void start_each(std::index_sequence<I...>) {
    (start_one<I>(), ...);
  }
  // A task that comes after one that ended at once is never begun.
  template <std::size_t I>
  void start_one() {
    if (first_ != kNone) return;
    auto frame = std::get<I>(this->frames_);
    frame.promise().continuation = {[](void* group) { static_cast<Any*>(group)->ended(I); }, this};
    frame.resume();
  }
  void ended(std::size_t index) {
    if (first_ != kNone) return;
    first_ = index;
    if (awaiter_) awaiter_.resume();
  }
  template <std::size_t... I>
  std::variant<Yield<T>...> take_first(std::index_sequence<I...>) {
    std::optional<std::variant<Yield<T>...>> taken;
    ((first_ == I ? void(taken.emplace(std::in_place_index<I>,
                                       take_from(std::get<I>(this->frames_).promise())))
                  : void()),
     ...);
    return std::move(*taken);
  }

  std::size_t first_ = kNone;
  std::coroutine_handle<> awaiter_;
};

}  // namespace detail

// Runs the tasks at once; resumes when all have ended, with a tuple of their results
// (std::monostate for void).
template <class... T>
detail::All<T...> all(Task<T>... tasks) {
  return detail::All<T...>(tasks...);
}

// Runs the tasks at once; resumes when the first has ended, with a variant of its result; the
// others are cancelled.
template <class... T>
detail::Any<T...> any(Task<T>... tasks) {
  return detail::Any<T...>(tasks...);
}

}  // namespace mynah
