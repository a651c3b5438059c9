// SPDX-License-Identifier: Apache-2.0
// Scope: the one door to concurrency without an awaiter. What is spawned belongs to the scope; it
// ends by itself, or is cancelled with the scope.
//
//   scope.spawn(serve_connection, std::move(connection));
//   co_await scope.join();      // until all have ended
//   scope.cancel();             // drops all that wait
//
// Arguments are moved into the spawned frame and live as long as it does, so they must own what
// they use: a view, a span or a pointer does not compile; a part of the program that outlives the
// scope is passed as std::ref.
#pragma once

#include <coroutine>
#include <functional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "aio/loop.h"
#include "base/check.h"
#include "base/recycled.h"
#include "base/task.h"

namespace mynah {

template <class T>
inline constexpr bool kOwnsItsData = !std::is_pointer_v<T> && !std::is_reference_v<T>;
template <>
inline constexpr bool kOwnsItsData<std::string_view> = false;
template <class T, std::size_t N>
inline constexpr bool kOwnsItsData<std::span<T, N>> = false;

class Scope final {
 public:
  explicit Scope(Loop& loop) : loop_(loop), joined_(&Scope::resume_joiner, this) {}
  Scope(Scope&&) = delete;
  ~Scope() { cancel(); }

  // Starts `function(arguments…)`, a Task<>, and keeps it until it ends.
  template <class Function, class... Arguments>
  void spawn(Function function, Arguments... arguments) {
    static_assert((kOwnsItsData<Arguments> && ...),
                  "spawned work must own its arguments: pass a string, not a view");
    run(*this, std::move(function), std::move(arguments)...);
  }

  [[nodiscard]] std::size_t size() const { return size_; }

  // Destroys all that were spawned and wait. Not from inside one of them.
  void cancel() {
    while (first_ != nullptr) first_->destroy();
  }

  // co_await scope.join(): resumes when nothing that was spawned is left. One waits at a time.
  auto join() {
    struct Join {
      Scope& scope;
      ~Join() { scope.joiner_ = nullptr; }
      bool await_ready() const { return scope.size_ == 0; }
      void await_suspend(std::coroutine_handle<> awaiter) { scope.joiner_ = awaiter; }
      void await_resume() const {}
    };
    return Join{*this};
  }

 private:
  struct Root {
    struct promise_type {
      static void* operator new(std::size_t size) { return recycled::take(size); }
      static void operator delete(void* frame, std::size_t size) noexcept {
        recycled::give_back(frame, size);
      }
      template <class... Rest>
      explicit promise_type(Scope& scope, Rest&...) : scope_(scope) {
        next_ = scope.first_;
        link_ = &scope.first_;
        if (next_ != nullptr) next_->link_ = &next_;
        scope.first_ = this;
        ++scope.size_;
      }
      ~promise_type() {
        *link_ = next_;
        if (next_ != nullptr) next_->link_ = link_;
        if (--scope_.size_ == 0 && scope_.joiner_) scope_.joined_.schedule(scope_.loop_);
      }
      Root get_return_object() { return {}; }
      std::suspend_never initial_suspend() noexcept { return {}; }
      std::suspend_never final_suspend() noexcept { return {}; }
      void unhandled_exception() {
        check_failed("no exception leaves a coroutine", __FILE__, __LINE__);
      }
      void return_void() {}
      void destroy() { std::coroutine_handle<promise_type>::from_promise(*this).destroy(); }

     private:
      Scope& scope_;
      promise_type* next_;
      promise_type** link_;
    };
  };

  template <class Function, class... Arguments>
  static Root run(Scope&, Function function, Arguments... arguments) {
    co_await function(std::move(arguments)...);
  }

  static void resume_joiner(void* self) {
    auto& scope = *static_cast<Scope*>(self);
    // Something may have been spawned since; its end arms the timer again.
    if (scope.size_ == 0 && scope.joiner_) std::exchange(scope.joiner_, nullptr).resume();
  }

  Loop& loop_;
  Root::promise_type* first_ = nullptr;
  std::size_t size_ = 0;
  std::coroutine_handle<> joiner_;
  Soon joined_;
};

}  // namespace mynah
