// SPDX-License-Identifier: Apache-2.0
// TurnLock: shared or exclusive, whoever comes first. Searches that follow each other without a gap
// cannot keep a writer out for ever, as they could with the standard's lock alone.
#pragma once

#include <mutex>
#include <shared_mutex>

namespace mynah::vector {

class TurnLock final {
 public:
  void lock() {
    const std::scoped_lock turn(turn_);
    lock_.lock();
  }
  void unlock() { lock_.unlock(); }
  void lock_shared() {
    const std::scoped_lock turn(turn_);
    lock_.lock_shared();
  }
  void unlock_shared() { lock_.unlock_shared(); }

 private:
  std::mutex turn_;  // Held while waiting, so that whoever comes later waits behind.
  std::shared_mutex lock_;
};

}  // namespace mynah::vector
