// SPDX-License-Identifier: Apache-2.0
// The one error type. An operation that can fail for reasons outside the program returns Result<T>:
// a value, or the reason why there is none. Shared by the gateway and by plug-ins.
//
//   Result<Port> parse_port(std::string_view text);
//   MYNAH_LET(const Port port, parse_port(text));      // in a function: returns the error, or
//   binds the value MYNAH_CO_LET(auto reply, co_await redis.get(key)); // the same in a coroutine
//   MYNAH_OK(listen(port));                            // the same for a Status, which carries no
//   value
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/check.h"

namespace mynah {

// What kind of failure it is: enough to decide what to do next. The sentence for people is
// Error::what.
enum class Errc : unsigned char {
  invalid_argument,  // what was given is malformed or out of range
  not_found,
  already_exists,  // or in conflict with what exists
  denied,          // the caller may not do this
  timeout,
  unavailable,   // a dependency is down or refuses
  closed,        // the peer went away
  protocol,      // the peer broke the protocol
  too_large,     // over a size limit
  exhausted,     // over a limit of how many or how often
  unsupported,   // valid, but this program or host does not do it
  cancelled,     // the one who asked does not want it any more
  plugin_fault,  // a plug-in trapped, ran out of time or of memory
  internal,
};

// The name of a code in lower case with hyphens, as logs and API answers spell it: "not-found".
std::string_view name_of(Errc code);

// Why an operation failed. `what` is for an administrator: what was tried, on what, why it failed.
// It owns its text, so it may outlive the data it describes.
struct [[nodiscard]] Error {
  Errc code = Errc::internal;
  std::string what;

  // The same error with what was being done put before it: "load a.wasm: " + what.
  Error within(std::string_view action) && {
    what.insert(0, ": ").insert(0, action);
    return std::move(*this);
  }
};

// A value or the reason why there is none. Reading the one that is not there is a bug and ends the
// process.
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  T& operator*() & { return *value_or_die(); }
  const T& operator*() const& { return *const_cast<Result*>(this)->value_or_die(); }
  T&& operator*() && { return std::move(*value_or_die()); }
  T* operator->() { return value_or_die(); }
  const T* operator->() const { return const_cast<Result*>(this)->value_or_die(); }

  const Error& error() const& { return *const_cast<Result*>(this)->error_or_die(); }
  Error&& error() && { return std::move(*error_or_die()); }

  // The value, or `fallback` when there is none: for callers to whom the reason does not matter.
  T value_or(T fallback) && { return ok() ? std::move(**this) : std::move(fallback); }

  // Drops the outcome on purpose; the reason stands in a comment beside the call.
  void ignore() const noexcept {}

 private:
  T* value_or_die() {
    T* value = std::get_if<0>(&state_);
    MYNAH_CHECK(value != nullptr);
    return value;
  }
  Error* error_or_die() {
    Error* error = std::get_if<1>(&state_);
    MYNAH_CHECK(error != nullptr);
    return error;
  }

  std::variant<T, Error> state_;
};

struct Unit {
  friend bool operator==(Unit, Unit) = default;
};

// Success, or the reason of the failure.
using Status = Result<Unit>;
inline Status ok() { return Unit{}; }

}  // namespace mynah

#define MYNAH_CONCAT_(a, b) a##b
#define MYNAH_CONCAT(a, b) MYNAH_CONCAT_(a, b)

// The forms that pass an error on. They stand as statements of their own and wrap no part of an
// expression, so that every compiler takes a co_await inside them.
#define MYNAH_LET_AS_(leave, result, declaration, ...) \
  auto result = __VA_ARGS__;                           \
  if (!result) [[unlikely]]                            \
    leave std::move(result).error();                   \
  declaration = *std::move(result)

#define MYNAH_OK_AS_(leave, ...)                                     \
  do {                                                               \
    if (auto mynah_status = __VA_ARGS__; !mynah_status) [[unlikely]] \
      leave std::move(mynah_status).error();                         \
  } while (false)

#define MYNAH_LET(declaration, ...) \
  MYNAH_LET_AS_(return, MYNAH_CONCAT(mynah_result_, __COUNTER__), declaration, __VA_ARGS__)
#define MYNAH_CO_LET(declaration, ...) \
  MYNAH_LET_AS_(co_return, MYNAH_CONCAT(mynah_result_, __COUNTER__), declaration, __VA_ARGS__)
#define MYNAH_OK(...) MYNAH_OK_AS_(return, __VA_ARGS__)
#define MYNAH_CO_OK(...) MYNAH_OK_AS_(co_return, __VA_ARGS__)
