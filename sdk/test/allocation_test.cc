// SPDX-License-Identifier: Apache-2.0
// What an exchange costs in memory: the calls of the allocator within the plug-in's callbacks are
// counted. This file replaces operator new for the whole test program.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "base/text.h"
#include "mynah/native.h"
#include "story/plugin_stage.h"
#include "story/run.h"

namespace {

int allocations = 0;
bool in_plugin = false;

}  // namespace

void* operator new(std::size_t bytes) {
  if (in_plugin) ++allocations;
  void* memory = std::malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) std::abort();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace mynah {
namespace {

template <std::size_t Place>
std::uint32_t counted(const std::uint32_t* arguments) {
  in_plugin = true;
  const std::uint32_t answer = native_plugin().callbacks[Place](arguments);
  in_plugin = false;
  return answer;
}

template <std::size_t... Place>
void count_in(abi::NativePlugin& plugin, std::index_sequence<Place...>) {
  ((plugin.callbacks[Place] = plugin.callbacks[Place] == nullptr ? nullptr : counted<Place>), ...);
}

// The probe; what the host hands over counts as well.
const abi::NativePlugin& counting_plugin() {
  static const abi::NativePlugin made = [] {
    abi::NativePlugin plugin = native_plugin();
    count_in(plugin, std::make_index_sequence<abi::kCallbacks>());
    plugin.allocate = [](std::size_t bytes) {
      ++allocations;
      return std::malloc(bytes);
    };
    return plugin;
  }();
  return made;
}

int allocations_of(std::string_view does, int requests) {
  std::string text = cat("story   a probe\nconfig  {\"does\": \"", does,
                         "\"}\ngiven   upstream 200 text/plain, cut every 2 bytes\n"
                         "        an answer\n");
  for (int i = 0; i < requests; ++i) {
    text +=
        "request POST /, cut every 2 bytes\n        content-type: text/plain\n\n        body\n"
        "expect  200\n        body = an answer\n";
  }
  const auto stories = story::parse_stories(text, "probe");
  EXPECT_TRUE(stories) << stories.error().what;
  const auto stage = story::plugin_stage(story::native_machine(counting_plugin()));
  allocations = 0;
  EXPECT_TRUE(story::play(stories->front(), *stage).empty());
  return allocations;
}

#ifndef MYNAH_SANITIZED  // Sanitizers see memory better when none is used again.

TEST(Allocations, an_exchange_that_passes_untouched_needs_no_memory_of_its_own) {
  // What the thread's first exchanges make room for, later ones use again.
  allocations_of("nothing", 4);

  EXPECT_EQ(allocations_of("nothing", 40), allocations_of("nothing", 4));
}

#endif

TEST(Allocations, what_an_exchange_does_need_is_counted) {
  EXPECT_GT(allocations_of("gather", 40), allocations_of("gather", 4));
}

}  // namespace
}  // namespace mynah
