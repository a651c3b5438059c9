// SPDX-License-Identifier: Apache-2.0
// The threads of a pool and their queue.
#include "aio/pool.h"

#include "aio/thread.h"

namespace mynah {

BlockingPool::BlockingPool(Options options) : options_(std::move(options)) {
  for (std::size_t i = 0; i < options_.threads; ++i) {
    threads_.push_back(start_thread(options_.name + "-" + std::to_string(i), [this] { work(); }));
  }
}

BlockingPool::~BlockingPool() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  for (std::unique_ptr<Job>& job : queue_) send_home(std::move(job));
}

bool BlockingPool::submit(std::unique_ptr<Job> job) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= options_.queue_max) return false;
    queue_.push_back(std::move(job));
  }
  changed_.notify_one();
  return true;
}

// The job's owner is the mail from here on; what it holds is destroyed on the loop's thread.
void BlockingPool::send_home(std::unique_ptr<Job> job) {
  Loop& loop = job->loop;
  loop.post([job = std::move(job)] { job->deliver(); });
}

void BlockingPool::work() {
  while (true) {
    std::unique_ptr<Job> job;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
      if (ending_) return;
      job = std::move(queue_.front());
      queue_.pop_front();
    }
    if (!job->abandoned.load(std::memory_order_relaxed)) job->execute();
    send_home(std::move(job));
  }
}

}  // namespace mynah
