// SPDX-License-Identifier: Apache-2.0
// Signals through signalfd.
#include "aio/signals.h"

#include <cerrno>
#include <cstring>
#include <pthread.h>
#include <signal.h>
#include <string>
#include <sys/signalfd.h>
#include <unistd.h>

#include "aio/readable.h"

namespace mynah {

Result<std::unique_ptr<Signals>> Signals::open(Loop& loop, std::initializer_list<int> numbers) {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : numbers) ::sigaddset(&set, number);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  const int descriptor = ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  if (descriptor < 0) {
    return Error{Errc::exhausted,
                 std::string("open a descriptor for signals: ") + std::strerror(errno)};
  }
  std::unique_ptr<Signals> signals(
      new Signals(loop, descriptor));  // tidy: allow new: private constructor
  MYNAH_OK(signals->readiness_.watch(loop, descriptor));
  return signals;
}

Signals::~Signals() {
  readiness_.forget();
  ::close(descriptor_);
}

Task<int> Signals::next() {
  while (true) {
    co_await Readable(loop_, readiness_, kNever);
    signalfd_siginfo info{};
    const ssize_t got = ::read(descriptor_, &info, sizeof info);
    if (got == static_cast<ssize_t>(sizeof info)) co_return static_cast<int>(info.ssi_signo);
    if (errno != EINTR) readiness_.readable = false;
  }
}

}  // namespace mynah
