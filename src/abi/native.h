// SPDX-License-Identifier: Apache-2.0
// A plug-in whose code is linked into the host's process, so that it runs under a debugger and
// sanitizers. Its callbacks are given as pointers; it reaches the host through the functions of
// abi/imports.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include "abi/abi.h"
#include "abi/callbacks.h"

namespace mynah::abi {

// A callback with its arguments in a row; the result of one that answers nothing is 0.
using NativeCallback = std::uint32_t (*)(const std::uint32_t* arguments);

struct NativePlugin {
  // Indexed by Callback; null where the plug-in has none. _initialize is not among them:
  // constructors have run already.
  std::array<NativeCallback, kCallbacks> callbacks{};
  // Memory for what the host hands over, which then belongs to the plug-in.
  void* (*allocate)(std::size_t bytes) = nullptr;
  // The marker that the module's form of the plug-in exports.
  // tidy: allow string_view: a name that lives as long as the program
  std::string_view version = kVersion_0_2_100;

  constexpr NativePlugin& with(Callback callback, NativeCallback function) {
    callbacks[static_cast<std::size_t>(callback)] = function;
    return *this;
  }
};

// Makes a NativeCallback of an ordinary function: native_callback<&proxy_on_tick>.
template <auto Function>
std::uint32_t native_callback(const std::uint32_t* arguments) {
  return []<class R, class... P, std::size_t... I>(R (*function)(P...), const std::uint32_t* given,
                                                   std::index_sequence<I...>) -> std::uint32_t {
    if constexpr (std::is_void_v<R>) {
      function(static_cast<P>(given[I])...);
      return 0;
    } else {
      return static_cast<std::uint32_t>(function(static_cast<P>(given[I])...));
    }
  }(Function, arguments, []<class R, class... P>(R (*)(P...)) {
           return std::make_index_sequence<sizeof...(P)>();
         }(Function));
}

}  // namespace mynah::abi
