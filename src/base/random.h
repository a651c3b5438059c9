// SPDX-License-Identifier: Apache-2.0
// A fast source of random numbers for spreading load, jitter, sampling and ids: xoshiro256++, one a
// worker, seeded from outside (on the host by aio, from the system's entropy). Whoever sees some of
// its output can foretell the rest: keys, tokens and passwords are made from the system's entropy
// alone.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>

#include "base/check.h"

namespace mynah {

class Random final {
 public:
  using result_type = std::uint64_t;  // so that the standard's distributions and shuffles take it

  // Any seed will do, 0 too: SplitMix64 spreads it over the state, as the generator's authors
  // advise.
  explicit constexpr Random(std::uint64_t seed) {
    for (std::uint64_t& word : state_) {
      seed += 0x9E3779B97F4A7C15U;
      std::uint64_t mixed = seed;
      mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
      mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
      word = mixed ^ (mixed >> 31U);
    }
  }

  static constexpr std::uint64_t min() { return 0; }
  static constexpr std::uint64_t max() { return std::numeric_limits<std::uint64_t>::max(); }
  constexpr std::uint64_t operator()() { return next(); }

  constexpr std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  // Each of 0 … bound-1 alike; the bound is not 0.
  constexpr std::uint64_t below(std::uint64_t bound) {
    MYNAH_CHECK(bound > 0);
    // What lies beyond the last whole multiple of the bound would favour the small numbers.
    const std::uint64_t limit = max() - max() % bound;
    std::uint64_t number = next();
    while (number >= limit) number = next();
    return number % bound;
  }

  // 0 ≤ number < 1, in steps of 2^-53.
  constexpr double unit() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

 private:
  std::uint64_t state_[4] = {};
};

}  // namespace mynah
