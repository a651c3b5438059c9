// SPDX-License-Identifier: Apache-2.0
// The memory of names, and asking the system.
#include "aio/dns.h"

#include <algorithm>
#include <cstring>
#include <netdb.h>
#include <utility>

namespace mynah {
namespace {

constexpr std::size_t kNameMax = 253;

// The name in the one spelling that it is kept under, or nothing when it cannot be a host's.
std::optional<std::string> normal(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty() || name.size() > kNameMax) return std::nullopt;
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool fits =
        (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    if (!fits) return std::nullopt;
  }
  return lower;
}

Resolver::Addresses with_port(Resolver::Addresses addresses, std::uint16_t port) {
  for (Address& address : addresses) address = address.with_port(port);
  return addresses;
}

// What is known without asking.
std::optional<Resolver::Addresses> known(const std::string& name) {
  if (auto numeric = Address::from_ip(name, 0)) return Resolver::Addresses{*numeric};
  if (name != "localhost" && !name.ends_with(".localhost")) return std::nullopt;
  return Resolver::Addresses{*Address::from_ip("127.0.0.1", 0), *Address::from_ip("::1", 0)};
}

// An event's place among those who wait, for as long as it lives.
class Place final {
 public:
  Place(std::vector<Event*>& queue, Event& event) : queue_(queue), event_(event) {
    queue_.push_back(&event_);
  }
  Place(Place&&) = delete;
  ~Place() { std::erase(queue_, &event_); }

 private:
  std::vector<Event*>& queue_;
  Event& event_;
};

}  // namespace

Resolver::Resolver(Loop& loop, BlockingPool& pool, Options options)
    : loop_(loop), pool_(pool), options_(std::move(options)), asking_(loop) {}

Task<Result<Resolver::Addresses>> Resolver::resolve(std::string_view name, std::uint16_t port,
                                                    Instant deadline) {
  if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
  if (auto numeric = Address::from_ip(name, port)) co_return Addresses{*numeric};
  const auto spelt = normal(name);
  if (!spelt) {
    co_return Error{Errc::invalid_argument, "\"" + std::string(name) + "\" is not a host's name"};
  }
  if (auto addresses = known(*spelt)) co_return with_port(*std::move(addresses), port);
  Entry& entry = ensure_entry(*spelt);
  if (loop_.now() >= entry.fresh_until) {
    if (!entry.asking)
      asking_.spawn([this](std::string asked) { return ask(std::move(asked)); }, *spelt);
    if (loop_.now() >= entry.usable_until) MYNAH_CO_OK(co_await wait_for(entry, *spelt, deadline));
  }
  if (loop_.now() < entry.usable_until) co_return with_port(entry.addresses, port);
  co_return Error(*entry.failure);
}

// While somebody waits, the entry stays: make_room() passes it over.
Task<Status> Resolver::wait_for(Entry& entry, const std::string& name, Instant deadline) {
  Event answered(loop_);
  const Place place(entry.waiting, answered);
  while (entry.asking) {
    if (!co_await answered.wait(deadline)) {
      co_return Error{Errc::timeout, "resolve " + name + ": no answer in time"};
    }
  }
  co_return ok();
}

Task<> Resolver::ask(std::string name) {
  Entry& asked = entries_[name];
  asked.asking = true;
  auto answer =
      co_await pool_.run(loop_, [lookup = options_.lookup, name] { return lookup(name); });
  Entry& entry = entries_[name];
  entry.asking = false;
  if (answer && answer->empty()) answer = Error{Errc::not_found, "it has no address"};
  if (answer) {
    entry.addresses = *std::move(answer);
    entry.failure.reset();
    entry.fresh_until = loop_.in(options_.ttl);
    entry.usable_until = loop_.in(std::max(options_.ttl, options_.stale_ttl));
  } else {
    entry.failure = std::move(answer).error().within("resolve " + name);
    entry.fresh_until = loop_.in(options_.failure_ttl);
  }
  for (Event* waiting : entry.waiting) waiting->set();
}

Resolver::Entry& Resolver::ensure_entry(const std::string& name) {
  if (const auto found = entries_.find(name); found != entries_.end()) return found->second;
  if (entries_.size() >= options_.names_max) make_room();
  return entries_[name];
}

// Forgets what is of no use any more, or, when all is, whatever was answered longest ago.
void Resolver::make_room() {
  const auto idle = [](const Entry& entry) { return !entry.asking && entry.waiting.empty(); };
  std::erase_if(entries_, [&](const auto& each) {
    return idle(each.second) && each.second.usable_until <= loop_.now() &&
           each.second.fresh_until <= loop_.now();
  });
  if (entries_.size() < options_.names_max) return;
  auto oldest = entries_.end();
  for (auto each = entries_.begin(); each != entries_.end(); ++each) {
    if (!idle(each->second)) continue;
    if (oldest == entries_.end() || each->second.usable_until < oldest->second.usable_until) {
      oldest = each;
    }
  }
  if (oldest != entries_.end()) entries_.erase(oldest);
}

Result<Resolver::Addresses> Resolver::ask_system(const std::string& name) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int outcome = ::getaddrinfo(name.c_str(), nullptr, &hints, &found);
  if (outcome != 0) {
    const bool unknown = outcome == EAI_NONAME || outcome == EAI_NODATA;
    return Error{unknown ? Errc::not_found : Errc::unavailable, ::gai_strerror(outcome)};
  }
  Addresses addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    sockaddr_storage storage{};
    std::memcpy(&storage, each->ai_addr, each->ai_addrlen);
    addresses.push_back(Address::from_system(storage, each->ai_addrlen));
  }
  ::freeaddrinfo(found);
  return addresses;
}

}  // namespace mynah
