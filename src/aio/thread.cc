// SPDX-License-Identifier: Apache-2.0
// Threads with a name and with all signals blocked.
#include "aio/thread.h"

#include <pthread.h>
#include <signal.h>
#include <utility>

namespace mynah {

std::thread start_thread(const std::string& name, std::move_only_function<void()> work) {
  // A thread inherits the mask of the one that starts it.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread([work = std::move(work)]() mutable { work(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::pthread_setname_np(thread.native_handle(), name.substr(0, 15).c_str());
  return thread;
}

}  // namespace mynah
