// SPDX-License-Identifier: Apache-2.0
// The functions of WASI preview 1 over guest memory.
#include "wasm/wasi.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "wasm/host.h"

namespace mynah::wasm {
namespace {

constexpr std::uint32_t kStdin = 0;
constexpr std::uint32_t kStdout = 1;
constexpr std::uint32_t kStderr = 2;
constexpr std::uint32_t kRealtime = 0;
constexpr std::uint32_t kLastClock = 3;  // monotonic, process and thread time count alike here
constexpr std::uint32_t kMaxVectors = 1024;
constexpr std::uint32_t kMaxSubscriptions = 1024;
constexpr std::uint32_t kMaxRandomBytes = 65'536;
constexpr std::uint32_t kSubscriptionBytes = 48;
constexpr std::uint32_t kEventBytes = 32;
constexpr std::uint8_t kCharacterDevice = 2;
constexpr std::uint8_t kClockSubscription = 0;

Errno stored(bool done) { return done ? Errno::success : Errno::fault; }

std::uint32_t text_bytes(const std::vector<std::string>& strings) {
  std::size_t bytes = 0;
  for (const std::string& string : strings) bytes += string.size() + 1;
  return static_cast<std::uint32_t>(bytes);
}

}  // namespace

Wasi::Wasi(Host& host) : host_(host) {
  for (const auto& [name, value] : host.settings().environment) {
    environment_.push_back(cat(name, "=", value));
  }
}

Errno Wasi::args_sizes_get(GuestMemory& memory, GuestAddress count, GuestAddress bytes) {
  return stored(memory.store<std::uint32_t>(count, 0) && memory.store<std::uint32_t>(bytes, 0));
}

Errno Wasi::args_get(GuestMemory&, GuestAddress, GuestAddress) { return Errno::success; }

Errno Wasi::environ_sizes_get(GuestMemory& memory, GuestAddress count, GuestAddress bytes) {
  return stored(memory.store(count, static_cast<std::uint32_t>(environment_.size())) &&
                memory.store(bytes, text_bytes(environment_)));
}

Errno Wasi::environ_get(GuestMemory& memory, GuestAddress pointers, GuestAddress text) {
  for (const std::string& string : environment_) {
    const auto size = static_cast<std::uint32_t>(string.size() + 1);
    const auto room = memory.room(text, size);
    if (!room || !memory.store(pointers, text)) return Errno::fault;
    std::memcpy(room->data(), string.c_str(), size);
    text += size;
    pointers += sizeof(GuestAddress);
  }
  return Errno::success;
}

Errno Wasi::clock_res_get(GuestMemory& memory, std::uint32_t clock, GuestAddress nanoseconds) {
  if (clock > kLastClock) return Errno::invalid;
  return stored(memory.store<std::uint64_t>(nanoseconds, 1));
}

Errno Wasi::clock_time_get(GuestMemory& memory, std::uint32_t clock, std::uint64_t,
                           GuestAddress nanoseconds) {
  if (clock > kLastClock) return Errno::invalid;
  const Clock& clocks = host_.outside().clock();
  const auto time =
      clock == kRealtime ? clocks.wall_now().time_since_epoch() : clocks.now().time_since_epoch();
  // Go's runtime takes a zero for a broken clock.
  const auto shown = std::max<std::uint64_t>(static_cast<std::uint64_t>(time.count()), 1);
  return stored(memory.store(nanoseconds, shown));
}

Errno Wasi::random_get(GuestMemory& memory, GuestAddress bytes, std::uint32_t count) {
  if (count > kMaxRandomBytes) return Errno::invalid;
  const auto room = memory.room(bytes, count);
  if (!room) return Errno::fault;
  // tidy: allow rand: the random source that is handed in
  host_.outside().random(*room);
  return Errno::success;
}

Errno Wasi::sched_yield() { return Errno::success; }

Errno Wasi::poll_oneoff(GuestMemory& memory, GuestAddress subscriptions, GuestAddress events,
                        std::uint32_t count, GuestAddress events_count) {
  if (count == 0 || count > kMaxSubscriptions) return Errno::invalid;
  if (!memory.contains(subscriptions, std::uint64_t{count} * kSubscriptionBytes) ||
      !memory.contains(events, std::uint64_t{count} * kEventBytes)) {
    return Errno::fault;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    const GuestAddress from = subscriptions + i * kSubscriptionBytes;
    const auto user_data = memory.load<std::uint64_t>(from);
    const auto type = memory.load<std::uint8_t>(from + 8);
    if (!user_data || !type) return Errno::fault;
    const GuestAddress event = events + i * kEventBytes;
    const auto room = memory.room(event, kEventBytes);
    if (!room) return Errno::fault;
    std::memset(room->data(), 0, kEventBytes);
    const Errno result = *type == kClockSubscription ? Errno::success : Errno::not_supported;
    if (!memory.store(event, *user_data) ||
        !memory.store(event + 8, static_cast<std::uint16_t>(result)) ||
        !memory.store(event + 10, *type)) {
      return Errno::fault;
    }
  }
  return stored(memory.store(events_count, count));
}

void Wasi::proc_exit(std::uint32_t code) { exit_code_ = code; }

// Lines are logged as they end; a line without an end is logged when it grows too long.
void Wasi::print(abi::LogLevel level, std::string& line, std::string_view text) {
  const std::size_t limit = host_.settings().limits.log_line_bytes;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    append(line, text.substr(0, std::min(end, limit)));
    if (end == std::string_view::npos && line.size() < limit) return;
    host_.log(level, line);
    line.clear();
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

Errno Wasi::fd_write(GuestMemory& memory, std::uint32_t fd, GuestAddress vectors,
                     std::uint32_t count, GuestAddress written) {
  if (fd != kStdout && fd != kStderr) return Errno::bad_descriptor;
  if (count > kMaxVectors) return Errno::invalid;
  std::uint32_t total = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto address = memory.load<GuestAddress>(vectors + i * 8);
    const auto size = memory.load<std::uint32_t>(vectors + i * 8 + 4);
    if (!address || !size) return Errno::fault;
    const auto text = memory.read(*address, *size);
    if (!text) return Errno::fault;
    print(fd == kStdout ? abi::LogLevel::info : abi::LogLevel::error, lines_[fd - 1], *text);
    total += *size;
  }
  return stored(memory.store(written, total));
}

Errno Wasi::fd_read(GuestMemory& memory, std::uint32_t fd, GuestAddress, std::uint32_t,
                    GuestAddress read) {
  if (fd != kStdin) return Errno::bad_descriptor;
  return stored(memory.store<std::uint32_t>(read, 0));
}

Errno Wasi::fd_seek(std::uint32_t fd, std::int64_t, std::uint32_t, GuestAddress) {
  return fd > kStderr ? Errno::bad_descriptor : Errno::seek_on_pipe;
}

Errno Wasi::fd_close(std::uint32_t fd) {
  return fd > kStderr ? Errno::bad_descriptor : Errno::success;
}

Errno Wasi::fd_fdstat_get(GuestMemory& memory, std::uint32_t fd, GuestAddress stat) {
  constexpr std::uint32_t kStatBytes = 24;
  constexpr std::uint64_t kRightToRead = 1 << 1;
  constexpr std::uint64_t kRightToWrite = 1 << 6;
  if (fd > kStderr) return Errno::bad_descriptor;
  const auto room = memory.room(stat, kStatBytes);
  if (!room) return Errno::fault;
  std::memset(room->data(), 0, kStatBytes);
  return stored(memory.store(stat, kCharacterDevice) &&
                memory.store(stat + 8, fd == kStdin ? kRightToRead : kRightToWrite));
}

Errno Wasi::fd_fdstat_set_flags(std::uint32_t fd, std::uint32_t) {
  return fd > kStderr ? Errno::bad_descriptor : Errno::success;
}

}  // namespace mynah::wasm
