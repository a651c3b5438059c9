// SPDX-License-Identifier: Apache-2.0
// Threads with a name, and with all signals blocked but those that a thread's own doing raises: the
// kernel ends the process when such a one is blocked, and traps of WebAssembly are told by them.
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
  for (const int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP}) ::sigdelset(&all, own);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread([work = std::move(work)]() mutable { work(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::pthread_setname_np(thread.native_handle(), name.substr(0, 15).c_str());
  return thread;
}

}  // namespace mynah
