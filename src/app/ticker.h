// SPDX-License-Identifier: Apache-2.0
// Ticks the engine by which plug-ins' time is limited, on a thread of its own.
// tidy: allow-file thread: its life is the object's
#pragma once

#include <thread>

#include "wasm/module.h"

namespace mynah {

class Ticker final {
 public:
  // The engine outlives the ticker.
  explicit Ticker(wasm::Engine& engine)
      : thread_([&engine](const std::stop_token& stopping) {
          while (!stopping.stop_requested()) {
            // tidy: allow sleep: this is the clock
            std::this_thread::sleep_for(wasm::Engine::kTickPeriod);
            engine.tick();
          }
        }) {}

 private:
  std::jthread thread_;
};

}  // namespace mynah
