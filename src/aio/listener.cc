// SPDX-License-Identifier: Apache-2.0
// Accepting connections, and turning them away when there is no descriptor left for them.
#include "aio/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace mynah {
namespace {

constexpr Duration kRest = 100ms;
constexpr int kTurnedAwayAtOnce = 64;

int open_spare() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

Error failed(const Address& address, std::string_view action) {
  const Errc code = errno == EADDRINUSE ? Errc::already_exists : Errc::unavailable;
  return {code, "listen on " + address.text() + ": " + std::string(action) + ": " + std::strerror(errno)};
}

void remove_stale_socket(const Address& address) {
  struct stat info {};
  if (::stat(address.ip().c_str(), &info) == 0 && S_ISSOCK(info.st_mode)) ::unlink(address.ip().c_str());
}

}  // namespace

Listener::Listener(Loop& loop, int descriptor, Address address)
    : loop_(loop), descriptor_(descriptor), spare_(open_spare()), address_(std::move(address)) {}

Listener::~Listener() {
  readiness_.forget();
  ::close(descriptor_);
  if (spare_ >= 0) ::close(spare_);
  if (address_.family() == AF_UNIX) ::unlink(address_.ip().c_str());
}

Result<std::unique_ptr<Listener>> Listener::open(Loop& loop, const Address& address, const ListenOptions& options) {
  const int descriptor = ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return failed(address, "socket");
  std::unique_ptr<Listener> listener(new Listener(loop, descriptor, address));  // tidy: allow new: private constructor
  const int on = 1;
  const int off = 0;
  if (address.is_ip()) {
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (options.shared_port) ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  } else {
    remove_stale_socket(address);
  }
  if (address.family() == AF_INET6) {
    ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, options.only_v6 ? &on : &off, sizeof on);
  }
  if (::bind(descriptor, address.system(), address.system_size()) != 0) return failed(address, "bind");
  if (::listen(descriptor, options.backlog) != 0) return failed(address, "listen");
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (address.is_ip() && ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&storage), &size) == 0) {
    listener->address_ = Address::from_system(storage, size);
  }
  MYNAH_OK(listener->readiness_.watch(loop, descriptor));
  return listener;
}

std::optional<Result<std::unique_ptr<Connection>>> Listener::try_accept() {
  while (readiness_.readable) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    const int taken =
        ::accept4(descriptor_, reinterpret_cast<sockaddr*>(&storage), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (taken >= 0) {
      auto connection = Connection::adopt(loop_, taken, Address::from_system(storage, size));
      if (!connection) ::close(taken);
      return connection;
    }
    if (errno == EAGAIN) readiness_.readable = false;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) return turn_away();
  }
  return std::nullopt;
}

// The queue stays readable; whoever accepts rests and then asks again.
std::optional<Result<std::unique_ptr<Connection>>> Listener::turn_away() {
  const int reason = errno;
  for (int i = 0; i < kTurnedAwayAtOnce && spare_ >= 0; ++i) {
    ::close(std::exchange(spare_, -1));
    const int taken = ::accept4(descriptor_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (taken >= 0) ::close(taken);
    spare_ = open_spare();
    if (taken < 0) break;
    ++turned_away_;
  }
  return Error{Errc::exhausted, std::string("accept: ") + std::strerror(reason)};
}

bool Listener::Accept::attempt() {
  outcome_ = listener_.try_accept();
  return outcome_.has_value() && !exhausted();
}

void Listener::Accept::await_suspend(std::coroutine_handle<> awaiter) {
  awaiter_ = awaiter;
  if (exhausted()) return rest();
  MYNAH_CHECK(listener_.readiness_.reader == nullptr);
  listener_.readiness_.reader = this;
}

bool Listener::Accept::exhausted() const {
  return outcome_.has_value() && !outcome_->ok() && outcome_->error().code == Errc::exhausted;
}

// An accept that found no descriptors ends only after a rest, so that a caller's loop around it does not spin.
void Listener::Accept::rest() {
  unhook();
  timer_.arm(listener_.loop_.timers(), listener_.loop_.now() + kRest);
}

void Listener::Accept::unhook() {
  if (listener_.readiness_.reader == this) listener_.readiness_.reader = nullptr;
}

void Listener::Accept::on_ready() {
  if (attempt()) {
    unhook();
    awaiter_.resume();
  } else if (exhausted()) {
    rest();
  }
}

void Listener::Accept::rested(void* self) { static_cast<Accept*>(self)->awaiter_.resume(); }

}  // namespace mynah
