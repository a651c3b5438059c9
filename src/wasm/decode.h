// SPDX-License-Identifier: Apache-2.0
// The typed decoder between a plug-in's arguments and the host functions. From a method's parameter
// types follow the WebAssembly signature and how each argument is read:
//
//   number, enumerator      one i32 (64-bit numbers: one i64)
//   std::string_view        address and size of bytes in guest memory, which are checked
//   number&, enumerator&    the address that the number is written to after success
//   Reply&                  two addresses that get the address and the size of memory which the
//   plug-in's allocator gave GuestMemory&            nothing: for functions that read structures of
//   their own
//
// An address outside the memory makes the function fail before anything is done.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
// tidy: allow third-party: part of the wasmtime engine, seen by its sources only
#include <wasmtime.h>

#include "abi/abi.h"
#include "wasm/guest_memory.h"
#include "wasm/reply.h"

namespace mynah::wasm {

// How decoded results come back to a guest; implemented by the instance whose code made the call.
class GuestCall {
 public:
  virtual ~GuestCall() = default;
  [[nodiscard]] virtual GuestMemory memory() = 0;
  // Memory that the plug-in's allocator gave, or 0. The guest's memory may have moved.
  [[nodiscard]] virtual GuestAddress allocate(std::uint32_t bytes) = 0;
};

using RawValue = wasmtime_val_raw_t;

template <class T>
concept Word = (std::is_integral_v<T> || std::is_enum_v<T>) && sizeof(T) <= 8;

// How one parameter of type T lies in the arguments.
template <class T>
class Parameter;

template <Word T>
class Parameter<T> final {
 public:
  static constexpr std::string_view kLetters = sizeof(T) == 8 ? "I" : "i";
  bool read(const GuestMemory&, const RawValue*& next) {
    value_ = static_cast<T>(sizeof(T) == 8 ? next->i64 : next->i32);
    ++next;
    return true;
  }
  T get() { return value_; }
  bool write(GuestCall&) { return true; }

 private:
  T value_{};
};

template <Word T>
class Parameter<T&> final {
 public:
  static constexpr std::string_view kLetters = "i";
  bool read(const GuestMemory& memory, const RawValue*& next) {
    address_ = static_cast<GuestAddress>((next++)->i32);
    return memory.contains(address_, sizeof(T));
  }
  T& get() { return value_; }
  bool write(GuestCall& call) { return call.memory().store(address_, value_); }

 private:
  GuestAddress address_ = 0;
  T value_{};
};

template <>
class Parameter<std::string_view> final {
 public:
  static constexpr std::string_view kLetters = "ii";
  bool read(const GuestMemory& memory, const RawValue*& next) {
    const auto address = static_cast<GuestAddress>((next++)->i32);
    const auto size = static_cast<std::uint32_t>((next++)->i32);
    const auto bytes = memory.read(address, size);
    value_ = bytes.value_or(std::string_view());
    return bytes.has_value();
  }
  std::string_view get() { return value_; }
  bool write(GuestCall&) { return true; }

 private:
  // tidy: allow string_view: lives no longer than the call
  std::string_view value_;
};

template <>
class Parameter<Reply&> final {
 public:
  static constexpr std::string_view kLetters = "ii";
  bool read(const GuestMemory& memory, const RawValue*& next) {
    address_at_ = static_cast<GuestAddress>((next++)->i32);
    size_at_ = static_cast<GuestAddress>((next++)->i32);
    return memory.contains(address_at_, 4) && memory.contains(size_at_, 4);
  }
  Reply& get() { return reply_; }
  bool write(GuestCall& call) {
    const std::size_t size = reply_.size();
    if (size > UINT32_MAX) return false;
    const auto bytes = static_cast<std::uint32_t>(size);
    const GuestAddress address = bytes == 0 ? 0 : call.allocate(bytes);
    if (address == 0 && bytes != 0) return false;
    const GuestMemory memory = call.memory();
    const auto room = memory.room(address, bytes);
    if (!room) return false;
    if (bytes != 0) reply_.copy_to(room->data());
    return memory.store(address_at_, address) && memory.store(size_at_, bytes);
  }

 private:
  GuestAddress address_at_ = 0;
  GuestAddress size_at_ = 0;
  Reply reply_;
};

template <>
class Parameter<GuestMemory&> final {
 public:
  static constexpr std::string_view kLetters = "";
  bool read(const GuestMemory& memory, const RawValue*&) {
    memory_ = memory;
    return true;
  }
  GuestMemory& get() { return memory_; }
  bool write(GuestCall&) { return true; }

 private:
  GuestMemory memory_{nullptr, 0};
};

// A host function as a method: who has it, and how it is called out of a plug-in.
template <auto kMethod>
struct HostMethod;

template <class Answer, class Owner_, class... P, Answer (Owner_::*kMethod)(P...)>
struct HostMethod<kMethod> {
  using Owner = Owner_;
  static constexpr bool kAnswers = !std::is_void_v<Answer>;

  static std::string letters() {
    std::string all;
    (all.append(Parameter<P>::kLetters), ...);
    return all;
  }

  // Reads the arguments, calls the method, writes what it gives back. `success` is the answer that
  // makes results count, `outside` the one for addresses that are not in memory, `refused` the one
  // for results that cannot be stored.
  static std::uint32_t call(Owner& owner, GuestCall& guest, const RawValue* arguments,
                            std::uint32_t outside, std::uint32_t refused) {
    std::tuple<Parameter<P>...> parameters;
    return std::apply(
        [&](auto&... parameter) -> std::uint32_t {
          const GuestMemory memory = guest.memory();
          const RawValue* next = arguments;
          if (!(parameter.read(memory, next) && ...)) return outside;
          if constexpr (kAnswers) {
            const auto answer = static_cast<std::uint32_t>((owner.*kMethod)(parameter.get()...));
            if (answer != 0) return answer;
          } else {
            (owner.*kMethod)(parameter.get()...);
          }
          return (parameter.write(guest) && ...) ? 0 : refused;
        },
        parameters);
  }
};

}  // namespace mynah::wasm
