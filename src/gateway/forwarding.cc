// SPDX-License-Identifier: Apache-2.0
// Trust goes from right to left: the last entry of x-forwarded-for was written by the proxy that is
// connected to us. As long as the writer of an entry is trusted, the entry is true; the first
// address that no trusted proxy vouches for, or the last that one does, is the client's.
#include "gateway/forwarding.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <optional>
#include <vector>

#include "base/text.h"

namespace mynah {
namespace {

constexpr std::size_t kEntriesMax = 64;

using Bits = std::array<std::uint8_t, 16>;

std::optional<Bits> bits_of(std::string_view address) {
  const std::string text(address);
  Bits bits{};
  if (::inet_pton(AF_INET6, text.c_str(), bits.data()) == 1) return bits;
  bits = {};
  bits[10] = bits[11] = 0xff;
  if (::inet_pton(AF_INET, text.c_str(), bits.data() + 12) == 1) return bits;
  return std::nullopt;
}

bool in_block(const Bits& bits, const model::Cidr& block) {
  const std::size_t whole = block.prefix_bits / 8;
  if (std::memcmp(bits.data(), block.address.data(), whole) != 0) return false;
  const unsigned rest = block.prefix_bits % 8U;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
  return (bits[whole] & mask) == (block.address[whole] & mask);
}

bool trusted(std::string_view address, const model::Forwarding& settings) {
  const auto bits = bits_of(address);
  return bits && std::ranges::any_of(settings.trusted_proxies,
                                     [&](const auto& block) { return in_block(*bits, block); });
}

// "192.0.2.1:1234", "[2001:db8::1]:80" and bare addresses, as proxies write them.
std::string_view bare_address(std::string_view entry) {
  entry = trim(entry);
  if (entry.starts_with('[')) return entry.substr(1, std::max<std::size_t>(entry.find(']'), 1) - 1);
  const std::size_t colon = entry.find(':');
  const bool one_colon =
      colon != std::string_view::npos && entry.find(':', colon + 1) == std::string_view::npos;
  return one_colon ? entry.substr(0, colon) : entry;
}

std::vector<std::string_view> forwarded_for(const Headers& request) {
  std::vector<std::string_view> entries;
  for (const auto& [name, value] : request) {
    if (name != "x-forwarded-for") continue;
    for (const std::string_view entry : split(value, ',')) entries.push_back(bare_address(entry));
  }
  return entries;
}

// The client's address and whether the peer itself is one of our proxies, whose other fields then
// count.
struct Origin {
  std::string address;
  bool peer_trusted = false;
};

Origin origin_of(const Headers& request, const std::string& peer,
                 const model::Forwarding& settings) {
  if (settings.trusted_hops == 0 && settings.trusted_proxies.empty()) return {peer, false};
  const bool by_hops = settings.trusted_hops > 0;
  if (!by_hops && !trusted(peer, settings)) return {peer, false};
  const auto entries = forwarded_for(request);
  std::string address = peer;
  std::size_t hop = 1;
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry, ++hop) {
    if (!bits_of(*entry)) break;
    address = *entry;
    if (by_hops ? hop >= settings.trusted_hops : !trusted(*entry, settings)) break;
  }
  return {address, true};
}

std::string forwarded_node(std::string_view address) {
  return address.find(':') == std::string_view::npos ? std::string(address)
                                                     : cat("\"[", address, "]\"");
}

std::string_view version_text(http::Version version) {
  switch (version) {
    case http::Version::http10:
      return "1.0";
    case http::Version::http11:
      return "1.1";
    case http::Version::http2:
      return "2";
  }
  return "1.1";
}

void append_to(Headers& request, std::string_view name, const std::string& value) {
  std::string joined;
  for (const auto& [each, old] : request) {
    if (each == name) append(joined, old, ", ");
  }
  request.set(name, joined + value);
}

}  // namespace

bool in_block(std::string_view address, const model::Cidr& block) {
  const auto bits = bits_of(address);
  return bits && in_block(*bits, block);
}

Client prepare_request(Headers& request, const http::PeerInfo& peer, http::Version version,
                       const model::Forwarding& settings) {
  for (const std::string& name : settings.identity_headers) request.remove(name);

  Client client;
  const bool believes = settings.trusted_hops > 0 || !settings.trusted_proxies.empty();
  const Origin origin =
      believes ? origin_of(request, peer.address, settings) : Origin{peer.address, false};
  client.address = origin.address;
  client.tls = peer.tls;
  const std::string_view proto = peer.tls ? "https" : "http";
  if (origin.peer_trusted && forwarded_for(request).size() < kEntriesMax) {
    append_to(request, "x-forwarded-for", peer.address);
    if (request.has("forwarded")) {
      append_to(request, "forwarded", cat("for=", forwarded_node(peer.address), ";proto=", proto));
    }
    const auto claimed = request.find("x-forwarded-proto");
    if (claimed == "http" || claimed == "https") {
      client.tls = claimed == "https";
    } else {
      request.set("x-forwarded-proto", proto);
    }
    if (!request.has("x-forwarded-host"))
      request.set("x-forwarded-host", request.value_or(":authority", ""));
  } else {
    request.remove("forwarded");
    request.set("x-forwarded-for", peer.address);
    request.set("x-forwarded-proto", proto);
    request.set("x-forwarded-host", request.value_or(":authority", ""));
  }
  if (!settings.via.empty())
    append_to(request, "via", cat(version_text(version), " ", settings.via));
  return client;
}

}  // namespace mynah
