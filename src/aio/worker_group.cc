// SPDX-License-Identifier: Apache-2.0
// Threads with loops.
#include "aio/worker_group.h"

#include <latch>
#include <sched.h>

#include "aio/thread.h"
#include "base/check.h"

namespace mynah {
namespace {

// Keeps the calling thread on one of the processors that it may use, another one for each index.
void pin_to_processor(std::size_t index) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) == 0) return;
  std::size_t skip = index % static_cast<std::size_t>(CPU_COUNT(&allowed));
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed) || skip-- > 0) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    ::sched_setaffinity(0, sizeof one, &one);
    return;
  }
}

}  // namespace

Result<std::unique_ptr<WorkerGroup>> WorkerGroup::start(const Options& options) {
  std::unique_ptr<WorkerGroup> group(new WorkerGroup());  // tidy: allow new: private constructor
  for (std::size_t i = 0; i < options.count; ++i) {
    MYNAH_LET(auto loop, Loop::create());
    group->loops_.push_back(std::move(loop));
  }
  for (std::size_t i = 0; i < options.count; ++i) {
    group->threads_.push_back(start_thread(options.name + "-" + std::to_string(i),
                                           [&loop = *group->loops_[i], i, pin = options.pin] {
                                             if (pin) pin_to_processor(i);
                                             loop.run();
                                           }));
  }
  return group;
}

void WorkerGroup::post_to_all(const Work& work) {
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    loops_[i]->post([&loop = *loops_[i], i, work] { work(loop, i); });
  }
}

void WorkerGroup::run_on_all(const Work& work) {
  for (const std::thread& thread : threads_) {
    MYNAH_CHECK(thread.get_id() != std::this_thread::get_id());
  }
  std::latch done(static_cast<std::ptrdiff_t>(loops_.size()));
  post_to_all([&](Loop& loop, std::size_t index) {
    work(loop, index);
    done.count_down();
  });
  done.wait();
}

void WorkerGroup::stop() {
  for (const auto& loop : loops_) loop->stop();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace mynah
