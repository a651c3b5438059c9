// SPDX-License-Identifier: Apache-2.0
// Wasi: as much of WASI preview 1 as plug-ins need that were compiled from C++, Rust, Go, TinyGo or
// AssemblyScript: clock, randomness, configured environment values, and standard output as lines of
// the log. There are no arguments, files or sockets; functions about them say so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abi/abi.h"
#include "wasm/guest_memory.h"

namespace mynah::wasm {

class Host;

// The error numbers of WASI, as far as they are answered here.
enum class Errno : std::uint32_t {
  success = 0,
  bad_descriptor = 8,
  fault = 21,
  invalid = 28,
  io = 29,
  no_entry = 44,
  not_supported = 58,
  seek_on_pipe = 70,
};

class Wasi final {
 public:
  explicit Wasi(Host& host);

  Errno args_sizes_get(GuestMemory& memory, GuestAddress count, GuestAddress bytes);
  Errno args_get(GuestMemory& memory, GuestAddress pointers, GuestAddress text);
  Errno environ_sizes_get(GuestMemory& memory, GuestAddress count, GuestAddress bytes);
  Errno environ_get(GuestMemory& memory, GuestAddress pointers, GuestAddress text);
  Errno clock_res_get(GuestMemory& memory, std::uint32_t clock, GuestAddress nanoseconds);
  Errno clock_time_get(GuestMemory& memory, std::uint32_t clock, std::uint64_t precision,
                       GuestAddress nanoseconds);
  Errno random_get(GuestMemory& memory, GuestAddress bytes, std::uint32_t count);
  Errno sched_yield();
  // Every subscription is answered at once: a plug-in that wants to wait uses a timer of the ABI.
  Errno poll_oneoff(GuestMemory& memory, GuestAddress subscriptions, GuestAddress events,
                    std::uint32_t count, GuestAddress events_count);
  void proc_exit(std::uint32_t code);

  // Descriptors 0, 1 and 2 are there; 0 is empty, the others are the log.
  Errno fd_write(GuestMemory& memory, std::uint32_t fd, GuestAddress vectors, std::uint32_t count,
                 GuestAddress written);
  Errno fd_read(GuestMemory& memory, std::uint32_t fd, GuestAddress vectors, std::uint32_t count,
                GuestAddress read);
  Errno fd_seek(std::uint32_t fd, std::int64_t offset, std::uint32_t whence, GuestAddress position);
  Errno fd_close(std::uint32_t fd);
  Errno fd_fdstat_get(GuestMemory& memory, std::uint32_t fd, GuestAddress stat);
  Errno fd_fdstat_set_flags(std::uint32_t fd, std::uint32_t flags);

  // The plug-in has asked to end with that code.
  [[nodiscard]] std::optional<std::uint32_t> exit_code() const { return exit_code_; }
  void clear_exit() { exit_code_.reset(); }

 private:
  void print(abi::LogLevel level, std::string& line, std::string_view text);

  Host& host_;
  std::vector<std::string> environment_;  // "NAME=value"
  std::string lines_[2];  // what stands on stdout and stderr behind the last line end
  std::optional<std::uint32_t> exit_code_;
};

}  // namespace mynah::wasm
