// SPDX-License-Identifier: Apache-2.0
// Accepting connections, and turning them away when there is no descriptor left for them.
#include "aio/listener.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace mynah {
namespace {

constexpr Duration kRest = 100ms;
constexpr int kTurnedAwayAtOnce = 64;

int open_spare() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

Error failed(const Address& address, std::string_view action, int reason) {
  const Errc code = reason == EADDRINUSE ? Errc::already_exists : Errc::unavailable;
  std::string what =
      "listen on " + address.text() + ": " + std::string(action) + ": " + std::strerror(reason);
  if (reason == EACCES && address.is_ip())
    what += "; ports below 1024 need the capability CAP_NET_BIND_SERVICE";
  return {code, std::move(what)};
}

// A Unix socket's file stays behind when its process is killed. One that nobody listens on any more
// is removed.
Status remove_stale_socket(const Address& address) {
  struct stat info{};
  if (::stat(address.ip().c_str(), &info) != 0 || !S_ISSOCK(info.st_mode)) return ok();
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (probe < 0) return failed(address, "socket", errno);
  const bool stale =
      ::connect(probe, address.system(), address.system_size()) != 0 && errno == ECONNREFUSED;
  ::close(probe);
  if (!stale) return failed(address, "bind", EADDRINUSE);
  ::unlink(address.ip().c_str());
  return ok();
}

bool is_every_address(const Address& address) {
  return address.family() == AF_INET6 && address.ip() == "::";
}

int open_socket(const Address& address) {
  return ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

}  // namespace

Listener::Listener(Loop& loop, int descriptor, Address address)
    : loop_(loop), descriptor_(descriptor), spare_(open_spare()), address_(std::move(address)) {}

Listener::~Listener() {
  readiness_.forget();
  ::close(descriptor_);
  if (spare_ >= 0) ::close(spare_);
  if (bound_ && address_.family() == AF_UNIX) ::unlink(address_.ip().c_str());
}

Status Listener::ensure_free(const Address& address) {
  if (!address.is_ip() || address.port() == 0) return ok();
  const int descriptor = open_socket(address);
  if (descriptor < 0) return ok();  // Whoever listens in earnest says why it cannot.
  const int on = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const bool taken =
      ::bind(descriptor, address.system(), address.system_size()) != 0 && errno == EADDRINUSE;
  ::close(descriptor);
  if (taken) return failed(address, "bind", EADDRINUSE);
  return ok();
}

Result<std::unique_ptr<Listener>> Listener::open(Loop& loop, const Address& address,
                                                 const ListenOptions& options) {
  const int descriptor = open_socket(address);
  if (descriptor < 0) {
    const int reason = errno;
    // On a machine without IPv6, every address is every IPv4 address.
    if (reason == EAFNOSUPPORT && is_every_address(address) && !options.only_v6) {
      MYNAH_LET(const Address v4, Address::from_ip("0.0.0.0", address.port()));
      return open(loop, v4, options);
    }
    return failed(address, "socket", reason);
  }
  std::unique_ptr<Listener> listener(
      new Listener(loop, descriptor, address));  // tidy: allow new: private constructor
  MYNAH_OK(listener->bind(options));
  if (::listen(descriptor, options.backlog) != 0) return failed(address, "listen", errno);
  MYNAH_OK(listener->readiness_.watch(loop, descriptor));
  return listener;
}

Status Listener::bind(const ListenOptions& options) {
  const int on = 1;
  const int only_v6 = options.only_v6 ? 1 : 0;
  if (address_.is_ip()) {
    ::setsockopt(descriptor_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (options.shared_port) ::setsockopt(descriptor_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  } else {
    MYNAH_OK(remove_stale_socket(address_));
  }
  if (address_.family() == AF_INET6) {
    ::setsockopt(descriptor_, IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, sizeof only_v6);
  }
  if (::bind(descriptor_, address_.system(), address_.system_size()) != 0)
    return failed(address_, "bind", errno);
  bound_ = true;
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (address_.is_ip() &&
      ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&storage), &size) == 0) {
    address_ = Address::from_system(storage, size);
  }
  return ok();
}

// Nothing when there is no connection to take, or when this turn has taken enough of them.
std::optional<Result<std::unique_ptr<Connection>>> Listener::try_accept() {
  if (std::exchange(turn_, loop_.turn_number()) != loop_.turn_number()) accepted_ = 0;
  while (readiness_.readable && accepted_ < kAcceptsPerTurn) {
    ++accepted_;
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    const int taken = ::accept4(descriptor_, reinterpret_cast<sockaddr*>(&storage), &size,
                                SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (taken >= 0) return Connection::adopt(loop_, taken, Address::from_system(storage, size));
    const int reason = errno;
    if (reason == EAGAIN) readiness_.readable = false;
    if (reason == EMFILE || reason == ENFILE || reason == ENOBUFS || reason == ENOMEM)
      return turn_away(reason);
    // A client that went away while it was queued; the next one may be there.
    if (reason == EAGAIN || reason == EINTR || reason == ECONNABORTED) continue;
    return Error{Errc::unavailable, "accept on " + address_.text() + ": " + std::strerror(reason)};
  }
  return std::nullopt;
}

// The queue stays readable; whoever accepts rests and then asks again.
Error Listener::turn_away(int reason) {
  if (spare_ < 0) spare_ = open_spare();
  for (int i = 0; i < kTurnedAwayAtOnce && spare_ >= 0; ++i) {
    ::close(std::exchange(spare_, -1));
    const int taken = ::accept4(descriptor_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (taken >= 0) ::close(taken);
    spare_ = open_spare();
    if (taken < 0) break;
    ++turned_away_;
  }
  return {Errc::exhausted, "accept on " + address_.text() + ": " + std::strerror(reason)};
}

std::vector<std::unique_ptr<Connection>> Listener::take_waiting() {
  std::vector<std::unique_ptr<Connection>> taken;
  // The event that tells of them may not have been handled.
  readiness_.readable = true;
  while (auto accepted = try_accept()) {
    if (!*accepted) break;
    taken.push_back(**std::move(accepted));
  }
  return taken;
}

bool Listener::Accept::attempt() {
  outcome_ = listener_.try_accept();
  return outcome_.has_value() && outcome_->ok();
}

void Listener::Accept::await_suspend(std::coroutine_handle<> awaiter) {
  awaiter_ = awaiter;
  if (failed()) return rest();
  MYNAH_CHECK(listener_.readiness_.reader == nullptr);
  listener_.readiness_.reader = this;
  // There may be more to take than one turn does.
  if (listener_.readiness_.readable) soon_.schedule(listener_.loop_);
}

// An accept that failed ends only after a rest, so that a caller's loop around it does not spin.
void Listener::Accept::rest() {
  unhook();
  timer_.arm(listener_.loop_.timers(), listener_.loop_.now() + kRest);
}

void Listener::Accept::unhook() {
  if (listener_.readiness_.reader == this) listener_.readiness_.reader = nullptr;
  soon_.cancel();
}

void Listener::Accept::on_ready() {
  if (attempt()) {
    unhook();
    awaiter_.resume();
  } else if (failed()) {
    rest();
  } else if (listener_.readiness_.readable) {
    soon_.schedule(listener_.loop_);
  }
}

void Listener::Accept::rested(void* self) { static_cast<Accept*>(self)->awaiter_.resume(); }
void Listener::Accept::next_turn(void* self) { static_cast<Accept*>(self)->on_ready(); }

}  // namespace mynah
