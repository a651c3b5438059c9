// SPDX-License-Identifier: Apache-2.0
// Frames and endings.
#include "gateway/grpc.h"

#include <array>
#include <utility>

#include "base/encoding.h"
#include "base/text.h"

namespace mynah {

std::string grpc_prefix(std::size_t message_bytes) {
  std::string prefix(1, '\0');
  for (int shift = 24; shift >= 0; shift -= 8)
    prefix.push_back(static_cast<char>(message_bytes >> static_cast<unsigned>(shift)));
  return prefix;
}

Result<std::optional<SliceChain>> GrpcMessages::next() {
  if (bytes_.size() < kGrpcPrefixBytes) return std::optional<SliceChain>();
  const std::string prefix = bytes_.copy(0, kGrpcPrefixBytes);
  if (prefix[0] != 0) return Error{Errc::unsupported, "a compressed gRPC message"};
  std::size_t length = 0;
  for (const char byte : prefix.substr(1)) length = length << 8U | static_cast<unsigned char>(byte);
  if (length > bytes_max_) {
    return Error{Errc::too_large,
                 cat("a gRPC message of ", length, " bytes; the limit is ", bytes_max_)};
  }
  if (bytes_.size() < kGrpcPrefixBytes + length) return std::optional<SliceChain>();
  bytes_.take_front(kGrpcPrefixBytes);
  return std::optional<SliceChain>(bytes_.take_front(length));
}

std::optional<GrpcEnding> grpc_ending(const Headers& trailers) {
  const auto given = trailers.find("grpc-status");
  if (!given) return std::nullopt;
  const auto status = parse_number<std::uint32_t>(*given);
  if (!status) return GrpcEnding{static_cast<std::uint32_t>(GrpcCode::unknown), "no number"};
  const std::string_view message = trailers.value_or("grpc-message", "");
  return GrpcEnding{*status, percent_decode(message).value_or(std::string(message))};
}

GrpcEnding grpc_ending_of_http(int status) {
  static constexpr std::array<std::pair<int, GrpcCode>, 8> kCodes = {{
      {400, GrpcCode::internal},
      {401, GrpcCode::unauthenticated},
      {403, GrpcCode::permission_denied},
      {404, GrpcCode::unimplemented},
      {429, GrpcCode::unavailable},
      {502, GrpcCode::unavailable},
      {503, GrpcCode::unavailable},
      {504, GrpcCode::unavailable},
  }};
  GrpcCode code = GrpcCode::unknown;
  for (const auto& [http, grpc] : kCodes) {
    if (http == status) code = grpc;
  }
  return {static_cast<std::uint32_t>(code), cat("HTTP status ", status)};
}

std::string grpc_timeout(std::chrono::milliseconds timeout) {
  constexpr std::int64_t kDigitsMax = 99'999'999;
  if (timeout.count() <= kDigitsMax) return cat(timeout.count(), "m");
  return cat(timeout.count() / 1000, "S");
}

}  // namespace mynah
