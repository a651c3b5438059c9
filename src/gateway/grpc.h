// SPDX-License-Identifier: Apache-2.0
// The pieces of gRPC over HTTP/2: messages in their frames, and how a call ended.
//
//   frame   = compressed:u8 (0 or 1) length:u32 (big-endian) message
//   ending  = the trailers, or the head of a response that has nothing else:
//             grpc-status: a number, grpc-message: percent-encoded text
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/headers.h"
#include "base/result.h"
#include "base/slice.h"

namespace mynah {

// Those that a client makes by itself.
enum class GrpcCode : std::uint8_t {
  ok = 0,
  cancelled = 1,
  unknown = 2,
  deadline_exceeded = 4,
  permission_denied = 7,
  resource_exhausted = 8,
  unimplemented = 12,
  internal = 13,
  unavailable = 14,
  unauthenticated = 16,
};

struct GrpcEnding {
  std::uint32_t status = 0;
  std::string message;
};

inline constexpr std::size_t kGrpcPrefixBytes = 5;

// What stands before a message of that size.
std::string grpc_prefix(std::size_t message_bytes);

// Cuts what comes into messages.
class GrpcMessages final {
 public:
  explicit GrpcMessages(std::size_t message_bytes_max) : bytes_max_(message_bytes_max) {}

  void feed(Slice bytes) { bytes_.append(std::move(bytes)); }
  // The next whole message, if it is there. Errors: too_large; unsupported for a compressed one.
  Result<std::optional<SliceChain>> next();
  // Bytes of a message that is not whole.
  [[nodiscard]] std::size_t left() const { return bytes_.size(); }

 private:
  std::size_t bytes_max_;
  SliceChain bytes_;
};

// How the call ended by the trailers; nothing when they do not say.
std::optional<GrpcEnding> grpc_ending(const Headers& trailers);
// … by the status of a response that is no gRPC.
GrpcEnding grpc_ending_of_http(int status);

// The value of grpc-timeout: at most eight digits and a unit.
std::string grpc_timeout(std::chrono::milliseconds timeout);

}  // namespace mynah
