// SPDX-License-Identifier: Apache-2.0
// Goal: a client can lie about itself only as far as a trusted proxy repeats it.
#include "gateway/forwarding.h"

#include <gtest/gtest.h>

namespace mynah {
namespace {

Headers request_with(std::initializer_list<Headers::Field> fields) {
  Headers request;
  request.add(":method", "GET");
  request.add(":authority", "api.example");
  for (const auto& [name, value] : fields) request.add(name, value);
  return request;
}

http::PeerInfo peer(std::string address) {
  http::PeerInfo info;
  info.address = std::move(address);
  return info;
}

model::Cidr v4_block(std::array<std::uint8_t, 4> address, std::uint8_t bits) {
  model::Cidr block;
  block.address[10] = block.address[11] = 0xff;
  std::copy(address.begin(), address.end(), block.address.begin() + 12);
  block.prefix_bits = static_cast<std::uint8_t>(96 + bits);
  return block;
}

Client prepare(Headers& request, const std::string& from, const model::Forwarding& settings) {
  return prepare_request(request, peer(from), http::Version::http11, settings);
}

TEST(Forwarding, WhatAnUntrustedClientClaimsIsReplaced) {
  Headers request = request_with({{"x-forwarded-for", "1.1.1.1"},
                                  {"x-forwarded-proto", "https"},
                                  {"x-forwarded-host", "evil"},
                                  {"forwarded", "for=1.1.1.1"}});

  const Client client = prepare(request, "192.0.2.9", {});

  EXPECT_EQ(client.address, "192.0.2.9");
  EXPECT_FALSE(client.tls);
  EXPECT_EQ(request.find("x-forwarded-for"), "192.0.2.9");
  EXPECT_EQ(request.find("x-forwarded-proto"), "http");
  EXPECT_EQ(request.find("x-forwarded-host"), "api.example");
  EXPECT_FALSE(request.has("forwarded"));
  EXPECT_EQ(request.find("via"), "1.1 mynah");
}

TEST(Forwarding, CountedHopsAreBelievedFromTheRight) {
  model::Forwarding settings;
  settings.trusted_hops = 2;
  Headers request = request_with({{"x-forwarded-for", "6.6.6.6, 203.0.113.5, 10.0.0.1"}});

  const Client client = prepare(request, "10.0.0.2", settings);

  EXPECT_EQ(client.address, "203.0.113.5");
  EXPECT_EQ(request.find("x-forwarded-for"), "6.6.6.6, 203.0.113.5, 10.0.0.1, 10.0.0.2");
}

TEST(Forwarding, TrustedBlocksAreBelievedUpToTheFirstStranger) {
  model::Forwarding settings;
  settings.trusted_proxies = {v4_block({10, 0, 0, 0}, 8)};
  Headers request = request_with(
      {{"x-forwarded-for", "6.6.6.6, 203.0.113.5, 10.1.2.3:443"}, {"x-forwarded-proto", "https"}});

  const Client client = prepare(request, "10.0.0.2", settings);

  EXPECT_EQ(client.address, "203.0.113.5");
  EXPECT_TRUE(client.tls);
}

TEST(Forwarding, AStrangerIsNotBelievedWhateverItSays) {
  model::Forwarding settings;
  settings.trusted_proxies = {v4_block({10, 0, 0, 0}, 8)};
  Headers request = request_with({{"x-forwarded-for", "10.0.0.1"}});

  EXPECT_EQ(prepare(request, "198.51.100.7", settings).address, "198.51.100.7");
  EXPECT_EQ(request.find("x-forwarded-for"), "198.51.100.7");
}

TEST(Forwarding, GarbageInTheListEndsBelief) {
  model::Forwarding settings;
  settings.trusted_hops = 5;
  Headers request = request_with({{"x-forwarded-for", "1.2.3.4, unknown, 10.0.0.1"}});

  EXPECT_EQ(prepare(request, "10.0.0.2", settings).address, "10.0.0.1");
}

TEST(Forwarding, IdentityHeadersOfClientsAreRemoved) {
  Headers request = request_with({{"x-mse-consumer", "admin"}, {"x-other", "stays"}});

  prepare(request, "192.0.2.1", {});

  EXPECT_FALSE(request.has("x-mse-consumer"));
  EXPECT_TRUE(request.has("x-other"));
}

TEST(Forwarding, ViaIsExtended) {
  Headers request = request_with({{"via", "1.1 edge"}});

  prepare(request, "192.0.2.1", {});

  EXPECT_EQ(request.find("via"), "1.1 edge, 1.1 mynah");
}

TEST(Forwarding, BlocksOfBothFamilies) {
  model::Cidr v6;
  v6.address = {0x20, 0x01, 0x0d, 0xb8};
  v6.prefix_bits = 33;

  EXPECT_TRUE(in_block("2001:db8::1", v6));
  EXPECT_FALSE(in_block("2001:db8:8000::1", v6));
  EXPECT_TRUE(in_block("10.9.8.7", v4_block({10, 0, 0, 0}, 8)));
  EXPECT_FALSE(in_block("11.0.0.1", v4_block({10, 0, 0, 0}, 8)));
  EXPECT_FALSE(in_block("no address", v4_block({0, 0, 0, 0}, 0)));
}

}  // namespace
}  // namespace mynah
