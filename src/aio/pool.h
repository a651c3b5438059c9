// SPDX-License-Identifier: Apache-2.0
// BlockingPool: a few threads for work that would hold a loop up: name resolution, files,
// compiling.
//
//   Result<std::string> text = co_await pool.run(loop, [path] { return read_file(path, limit); });
//
// The function runs on a thread of the pool and must own what it uses, since the awaiting coroutine
// may be dropped meanwhile. The function is moved in, and destroyed with its outcome, on the loop's
// thread. Destroy a pool before the loops that it serves.
#pragma once

#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "aio/loop.h"
#include "base/result.h"

namespace mynah {

namespace detail {

// What awaiting a function yields: Result<T> for T and for Result<T>, Status for void.
template <class T>
struct PoolOutcome {
  using type = Result<T>;
};
template <class T>
struct PoolOutcome<Result<T>> {
  using type = Result<T>;
};
template <>
struct PoolOutcome<void> {
  using type = Status;
};

}  // namespace detail

class BlockingPool final {
 public:
  struct Options {
    std::string name = "pool";
    std::size_t threads = 2;
    // How many functions may wait for a thread; what comes on top is refused with Errc::exhausted.
    std::size_t queue_max = 1024;
  };

  explicit BlockingPool(Options options);
  // Waits for functions that run; those that wait are not run, and whoever awaits them gets an
  // error of Errc::cancelled.
  ~BlockingPool();
  BlockingPool(BlockingPool&&) = delete;

  template <class Function>
  class Run;
  // co_await pool.run(loop, function): a Result, on that loop. A function whose awaiter was dropped
  // before its turn came is not run.
  template <class Function>
  [[nodiscard]] Run<Function> run(Loop& loop, Function function) {
    return {*this, loop, std::move(function)};
  }

 private:
  class Job {
   public:
    explicit Job(Loop& home) : loop(home) {}
    Job(Job&&) = delete;
    virtual ~Job() = default;
    virtual void execute() = 0;  // On a thread of the pool.
    virtual void deliver() = 0;  // On the loop's thread.

    Loop& loop;
    std::atomic<bool> abandoned = false;
  };

  bool submit(std::unique_ptr<Job> job);
  void work();
  static void send_home(std::unique_ptr<Job> job);

  const Options options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Job>> queue_;  // Guarded by mutex_.
  bool ending_ = false;                     // Guarded by mutex_.
  std::vector<std::thread> threads_;
};

template <class Function>
class [[nodiscard]] BlockingPool::Run final {
 public:
  using Outcome = typename detail::PoolOutcome<std::invoke_result_t<Function&>>::type;

  Run(BlockingPool& pool, Loop& loop, Function function)
      : pool_(pool), loop_(loop), function_(std::move(function)) {}
  Run(Run&&) = delete;
  ~Run() {
    if (errand_ == nullptr) return;
    errand_->run = nullptr;
    errand_->abandoned.store(true, std::memory_order_relaxed);
  }

  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<> awaiter) {
    awaiter_ = awaiter;
    auto errand = std::make_unique<Errand>(*this);
    errand_ = errand.get();
    if (pool_.submit(std::move(errand))) {
      away_.emplace(loop_);
      return true;
    }
    errand_ = nullptr;
    outcome_.emplace(
        Error{Errc::exhausted, "too much work waits for the threads of " + pool_.options_.name});
    return false;
  }
  Outcome await_resume() { return *std::move(outcome_); }

 private:
  struct Errand final : Job {
    explicit Errand(Run& whose)
        : Job(whose.loop_), run(&whose), function(std::move(whose.function_)) {}

    void execute() override {
      if constexpr (std::is_void_v<std::invoke_result_t<Function&>>) {
        function();
        outcome.emplace(Unit{});
      } else {
        outcome.emplace(function());
      }
    }
    void deliver() override {
      if (run != nullptr) run->finish(std::move(outcome));
    }

    Run* run;  // Used on the loop's thread only.
    Function function;
    std::optional<Outcome> outcome;
  };

  void finish(std::optional<Outcome> outcome) {
    errand_ = nullptr;
    away_.reset();
    // The pool is gone by now.
    if (!outcome) outcome.emplace(Error{Errc::cancelled, "the pool of threads has ended"});
    outcome_ = std::move(outcome);
    awaiter_.resume();
  }

  BlockingPool& pool_;
  Loop& loop_;
  Function function_;
  Errand* errand_ = nullptr;  // Owned by the pool, then by the loop's mail.
  std::optional<Loop::Away> away_;
  std::optional<Outcome> outcome_;
  std::coroutine_handle<> awaiter_;
};

}  // namespace mynah
