// SPDX-License-Identifier: Apache-2.0
// Read from /proc and from the control group's files.
#include "app/memory_watch.h"

#include <string>
#include <unistd.h>
#include <vector>

#include "aio/files.h"
#include "base/text.h"

namespace mynah {
namespace {

constexpr std::size_t kSmallFile = 64 * 1024;

std::uint64_t page_bytes() { return static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)); }

std::uint64_t granted() {
  const std::uint64_t machine =
      static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) * page_bytes();
  const auto group = read_file("/sys/fs/cgroup/memory.max", kSmallFile);
  if (!group) return machine;
  const auto bytes = parse_unsigned(trim(*group));
  return bytes ? std::min(*bytes, machine) : machine;
}

}  // namespace

std::uint64_t memory_in_use() {
  const auto text = read_file("/proc/self/statm", kSmallFile);
  if (!text) return 0;
  const auto words = split(*text, ' ');
  return words.size() > 1 ? parse_unsigned(words[1]).value_or(0) * page_bytes() : 0;
}

std::uint64_t memory_limit(std::uint64_t wanted) {
  return wanted != 0 ? wanted : granted() / 10 * 9;
}

}  // namespace mynah
