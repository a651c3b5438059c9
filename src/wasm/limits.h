// SPDX-License-Identifier: Apache-2.0
// What a plug-in may use. Every limit has a default that real plug-ins stay under and a runaway
// does not.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace mynah::wasm {

struct Limits {
  // Go plug-ins start at 4 to 10 MiB.
  std::size_t memory_bytes = std::size_t{128} << 20;
  std::uint32_t table_elements = 1'000'000;

  // A call into the plug-in, measured in ticks of the engine, so the real limit is up to one tick
  // longer.
  std::chrono::milliseconds call_time{1'000};
  // The same for start functions and for taking a configuration.
  std::chrono::milliseconds start_time{10'000};

  std::size_t roots = 1'024;
  std::size_t streams = 100'000;
  // Streams that are over but whose plug-in has answered proxy_on_done with "not yet".
  std::size_t unfinished_streams = 10'000;
  std::chrono::milliseconds unfinished_time{60'000};

  std::size_t calls_in_flight = 1'000;
  std::size_t call_bytes = std::size_t{16} << 20;
  std::chrono::milliseconds call_timeout_max{300'000};
  std::chrono::milliseconds tick_period_min{10};

  std::size_t log_lines_a_second = 1'000;
  std::size_t log_line_bytes = 16'384;

  std::size_t header_fields = 256;
  std::size_t header_bytes = 131'072;
  // A body as the plug-in leaves it.
  std::size_t body_bytes = std::size_t{128} << 20;
  std::size_t local_response_bytes = std::size_t{16} << 20;
  // Bytes that one callback injects into a response.
  std::size_t injected_bytes = std::size_t{16} << 20;

  std::size_t property_path_bytes = 1'024;
  std::size_t property_value_bytes = std::size_t{1} << 20;

  std::size_t metrics = 1'000;
  std::size_t metric_name_bytes = 1'024;
  std::size_t foreign_bytes = std::size_t{16} << 20;
};

}  // namespace mynah::wasm
