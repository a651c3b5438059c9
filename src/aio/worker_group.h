// SPDX-License-Identifier: Apache-2.0
// WorkerGroup: threads that each run a loop of their own.
//
//   auto workers = *WorkerGroup::start({.count = 4});
//   workers->run_on_all([&](Loop& loop, std::size_t index) { … });   // and wait until all have
//   workers->post_to_all([&](Loop& loop, std::size_t index) { … });  // and do not wait
//   workers->stop();
//
// What belongs to a worker's loop is made and destroyed on its thread, so by run_on_all, before
// stop().
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "aio/loop.h"
#include "base/result.h"

namespace mynah {

class WorkerGroup final {
 public:
  struct Options {
    std::string name = "worker";  // Each thread is called NAME-INDEX.
    std::size_t count = 1;
    bool pin = false;  // Whether each thread keeps to one processor of those this process may use.
  };
  // Called once for each worker, on several threads at once.
  using Work = std::function<void(Loop& loop, std::size_t index)>;

  static Result<std::unique_ptr<WorkerGroup>> start(const Options& options);
  ~WorkerGroup() { stop(); }
  WorkerGroup(WorkerGroup&&) = delete;

  [[nodiscard]] std::size_t size() const { return loops_.size(); }
  // For post() and the like; the rest of a loop is for its own thread.
  [[nodiscard]] Loop& loop(std::size_t index) { return *loops_[index]; }

  void post_to_all(const Work& work);
  // Not from a worker's thread: it would wait for itself.
  void run_on_all(const Work& work);

  // Ends the loops and waits for the threads.
  void stop();

 private:
  WorkerGroup() = default;

  std::vector<std::unique_ptr<Loop>> loops_;
  std::vector<std::thread> threads_;
};

}  // namespace mynah
