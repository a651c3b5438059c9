// SPDX-License-Identifier: Apache-2.0
//   version 1   "PROXY " ("TCP4" | "TCP6") " " source " " destination " " port " " port CRLF |
//   "PROXY UNKNOWN" … CRLF version 2   signature(12) version-and-command(1) family(1) length(2)
//   addresses and additions(length)
#include "gateway/proxy_protocol.h"

#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <utility>

#include "base/text.h"

namespace mynah {
namespace {

constexpr std::size_t kLineMax = 107;
constexpr std::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kFixedBytes = 16;
// Additions that balancers send are some hundred bytes; the field allows 64 KiB.
constexpr std::size_t kBlockMax = 4096;

Error malformed(std::string_view what) { return {Errc::protocol, cat("PROXY header: ", what)}; }

Result<std::optional<ProxyHeader>> parse_line(std::string_view bytes) {
  const std::size_t end = bytes.substr(0, kLineMax).find("\r\n");
  if (end == std::string_view::npos) {
    if (bytes.size() >= kLineMax) return malformed("the line does not end");
    return std::optional<ProxyHeader>();
  }
  ProxyHeader header;
  header.rest = bytes.substr(end + 2);
  const auto words = split(bytes.substr(0, end), ' ');
  if (words.size() >= 2 && words[1] == "UNKNOWN") return std::optional(std::move(header));
  if (words.size() != 6 || (words[1] != "TCP4" && words[1] != "TCP6"))
    return malformed("six words are expected");
  const auto source_port = parse_number<std::uint16_t>(words[4]);
  const auto target_port = parse_number<std::uint16_t>(words[5]);
  if (!source_port || !target_port) return malformed("a port is not a number");
  auto source = Address::from_ip(words[2], *source_port);
  const auto target = Address::from_ip(words[3], *target_port);
  const int family = words[1] == "TCP4" ? AF_INET : AF_INET6;
  if (!source || !target || source->family() != family || target->family() != family) {
    return malformed("an address is not of the announced family");
  }
  header.source = *std::move(source);
  return std::optional(std::move(header));
}

std::size_t two_bytes(std::string_view bytes) {
  return static_cast<std::size_t>(static_cast<unsigned char>(bytes[0])) << 8U |
         static_cast<unsigned char>(bytes[1]);
}

Result<std::optional<ProxyHeader>> parse_block(std::string_view bytes) {
  if (bytes.size() < kFixedBytes) return std::optional<ProxyHeader>();
  const auto version_command = static_cast<unsigned char>(bytes[12]);
  const auto family = static_cast<unsigned char>(bytes[13]);
  const std::size_t length = two_bytes(bytes.substr(14));
  if (version_command >> 4U != 2) return malformed("the version is not 2");
  if ((version_command & 15U) > 1) return malformed("the command is unknown");
  if (length > kBlockMax) return malformed("it is too long");
  if (bytes.size() < kFixedBytes + length) return std::optional<ProxyHeader>();
  ProxyHeader header;
  header.rest = bytes.substr(kFixedBytes + length);
  const bool local = (version_command & 15U) == 0;
  const std::string_view addresses = bytes.substr(kFixedBytes, length);
  const bool v4 = family == 0x11;
  const bool v6 = family == 0x21;
  if (local || (!v4 && !v6)) return std::optional(std::move(header));
  const std::size_t address_bytes = v4 ? 4 : 16;
  if (length < 2 * address_bytes + 4) return malformed("the addresses are cut short");
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(v4 ? AF_INET : AF_INET6, addresses.data(), text.data(), text.size());
  const auto port = static_cast<std::uint16_t>(two_bytes(addresses.substr(2 * address_bytes)));
  MYNAH_LET(header.source, Address::from_ip(text.data(), port));
  return std::optional(std::move(header));
}

}  // namespace

Result<std::optional<ProxyHeader>> parse_proxy_header(std::string_view bytes) {
  constexpr std::string_view kWord = "PROXY ";
  const auto begins = [&](std::string_view with) {
    const std::size_t seen = std::min(bytes.size(), with.size());
    return bytes.substr(0, seen) == with.substr(0, seen);
  };
  if (bytes.empty()) return std::optional<ProxyHeader>();
  if (begins(kWord)) {
    if (bytes.size() < kWord.size()) return std::optional<ProxyHeader>();
    return parse_line(bytes);
  }
  if (begins(kSignature)) return parse_block(bytes);
  return malformed("the connection does not begin with one");
}

Task<Result<ProxyHeader>> read_proxy_header(Connection& connection, Instant deadline) {
  std::string bytes;
  std::array<char, 1024> room{};
  while (true) {
    MYNAH_CO_LET(const std::size_t got, co_await connection.read(room, deadline));
    if (got == 0) co_return Error{Errc::closed, "the connection ended before its PROXY header"};
    bytes.append(room.data(), got);
    MYNAH_CO_LET(auto header, parse_proxy_header(bytes));
    if (header) co_return *std::move(header);
  }
}

}  // namespace mynah
