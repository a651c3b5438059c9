// SPDX-License-Identifier: Apache-2.0
// WASI as a plug-in sees it, over a piece of memory.
#include "wasm/wasi.h"

#include <array>
#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "wasm/host.h"
#include "wasm/world_testing.h"

namespace mynah::wasm {
namespace {

class WasiTest : public testing::Test {
 protected:
  WasiTest() {
    settings.environment = {{"A", "1"}, {"LONG", "value"}};
    settings.limits.log_line_bytes = 10;
  }

  // Puts a vector that points at `text` at address 0.
  void point_at(std::string_view text) {
    std::memcpy(bytes.data() + 100, text.data(), text.size());
    ASSERT_TRUE(memory.store<std::uint32_t>(0, 100));
    ASSERT_TRUE(memory.store(4, static_cast<std::uint32_t>(text.size())));
  }

  std::array<char, 1024> bytes{};
  GuestMemory memory{bytes.data(), bytes.size()};
  Journal journal;
  TestOutside outside{journal};
  SharedData data;
  SharedQueues queues;
  MachineSettings settings;
};

TEST_F(WasiTest, OutputBecomesLinesOfTheLog) {
  Host host(settings, outside, {data, queues});
  Wasi wasi(host);
  point_at("one\ntw");
  EXPECT_EQ(wasi.fd_write(memory, 1, 0, 1, 8), Errno::success);
  EXPECT_EQ(memory.load<std::uint32_t>(8), 6u);
  point_at("o\n");
  EXPECT_EQ(wasi.fd_write(memory, 1, 0, 1, 8), Errno::success);
  point_at("bad\n");
  EXPECT_EQ(wasi.fd_write(memory, 2, 0, 1, 8), Errno::success);
  point_at("a line without an end");
  EXPECT_EQ(wasi.fd_write(memory, 1, 0, 1, 8), Errno::success);

  EXPECT_EQ(journal.take(), "one\ntwo\n[4] bad\na line wit\n");
}

TEST_F(WasiTest, ConfiguredValuesAreTheEnvironment) {
  Host host(settings, outside, {data, queues});
  Wasi wasi(host);

  EXPECT_EQ(wasi.environ_sizes_get(memory, 0, 4), Errno::success);
  EXPECT_EQ(wasi.environ_get(memory, 8, 100), Errno::success);

  EXPECT_EQ(memory.load<std::uint32_t>(0), 2u);
  EXPECT_EQ(memory.load<std::uint32_t>(4), 15u);
  EXPECT_EQ(memory.load<std::uint32_t>(12), 104u);
  EXPECT_EQ(*memory.read(100, 15), std::string_view("A=1\0LONG=value\0", 15));
}

TEST_F(WasiTest, ThereAreNoFiles) {
  Host host(settings, outside, {data, queues});
  Wasi wasi(host);

  EXPECT_EQ(wasi.fd_write(memory, 3, 0, 1, 8), Errno::bad_descriptor);
  EXPECT_EQ(wasi.fd_read(memory, 1, 0, 1, 8), Errno::bad_descriptor);
  EXPECT_EQ(wasi.fd_read(memory, 0, 0, 1, 8), Errno::success);
  EXPECT_EQ(memory.load<std::uint32_t>(8), 0u);
  EXPECT_EQ(wasi.fd_seek(1, 0, 0, 8), Errno::seek_on_pipe);
  EXPECT_EQ(wasi.fd_close(9), Errno::bad_descriptor);
}

TEST_F(WasiTest, ClocksAndRandomnessAreTheOutsides) {
  Host host(settings, outside, {data, queues});
  Wasi wasi(host);

  EXPECT_EQ(wasi.clock_time_get(memory, 0, 1, 8), Errno::success);
  EXPECT_EQ(memory.load<std::uint64_t>(8), 1'700'000'000'000'000'000u);
  EXPECT_EQ(wasi.clock_time_get(memory, 9, 1, 8), Errno::invalid);
  EXPECT_EQ(wasi.random_get(memory, 16, 4), Errno::success);
  EXPECT_EQ(memory.load<std::uint32_t>(16), 0x07070707u);
}

TEST_F(WasiTest, AWaitIsOverAtOnce) {
  Host host(settings, outside, {data, queues});
  Wasi wasi(host);
  ASSERT_TRUE(memory.store<std::uint64_t>(100, 42));

  EXPECT_EQ(wasi.poll_oneoff(memory, 100, 200, 1, 0), Errno::success);

  EXPECT_EQ(memory.load<std::uint32_t>(0), 1u);
  EXPECT_EQ(memory.load<std::uint64_t>(200), 42u);
  EXPECT_EQ(memory.load<std::uint16_t>(208), 0u);
  EXPECT_EQ(wasi.poll_oneoff(memory, 100, 200, 0, 0), Errno::invalid);
  EXPECT_EQ(wasi.poll_oneoff(memory, 1000, 200, 1, 0), Errno::fault);
}

TEST_F(WasiTest, AddressesOutsideAreFaults) {
  Host host(settings, outside, {data, queues});
  Wasi wasi(host);
  constexpr GuestAddress kWild = 0xffffffff;

  EXPECT_EQ(wasi.args_sizes_get(memory, kWild, 0), Errno::fault);
  EXPECT_EQ(wasi.environ_get(memory, kWild, kWild), Errno::fault);
  EXPECT_EQ(wasi.clock_time_get(memory, 0, 0, kWild), Errno::fault);
  EXPECT_EQ(wasi.random_get(memory, kWild, 8), Errno::fault);
  EXPECT_EQ(wasi.fd_write(memory, 1, kWild, 1, 0), Errno::fault);
  EXPECT_EQ(wasi.fd_fdstat_get(memory, 1, kWild), Errno::fault);
}

}  // namespace
}  // namespace mynah::wasm
