// SPDX-License-Identifier: Apache-2.0
// Goal: addresses are read and written in one spelling, and what is not an address is refused.
#include "aio/address.h"

#include <netinet/in.h>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace mynah {
namespace {

std::string reparsed(std::string_view text) {
  auto address = Address::parse(text);
  return address ? address->text() : "error: " + address.error().what;
}

TEST(Address, KeepsItsSpelling) {
  EXPECT_EQ(reparsed("127.0.0.1:8080"), "127.0.0.1:8080");
  EXPECT_EQ(reparsed("[::1]:443"), "[::1]:443");
  EXPECT_EQ(reparsed("unix:/run/mynah.sock"), "unix:/run/mynah.sock");
  EXPECT_EQ(reparsed("[2001:DB8:0::1]:1"), "[2001:db8::1]:1");
}

TEST(Address, WithoutAHostIsEveryAddress) {
  EXPECT_EQ(reparsed(":80"), "[::]:80");
  EXPECT_EQ(reparsed("*:80"), "[::]:80");
}

TEST(Address, KnowsLocalhost) { EXPECT_EQ(reparsed("localhost:80"), "127.0.0.1:80"); }

TEST(Address, RefusesWhatIsNone) {
  EXPECT_EQ(reparsed("127.0.0.1"), "error: \"127.0.0.1\" has no port: write ADDRESS:PORT");
  EXPECT_EQ(reparsed("::1:80"), "error: an IPv6 address stands in brackets: [::1]:PORT");
  EXPECT_EQ(reparsed("[1.2.3.4]:80"), "error: only an IPv6 address stands in brackets: 1.2.3.4");
  EXPECT_EQ(reparsed("1.2.3.4:65536"), "error: \"65536\" is not a port: 0 to 65535");
  EXPECT_EQ(reparsed("1.2.3.4:"), "error: \"\" is not a port: 0 to 65535");
  EXPECT_EQ(reparsed("1.2.3.4: 80"), "error: \" 80\" is not a port: 0 to 65535");
  EXPECT_EQ(reparsed("example.org:80"), "error: \"example.org\" is not an IPv4 or IPv6 address");
  EXPECT_EQ(reparsed("unix:"), "error: a Unix socket's path has 1 to 107 characters, none NUL");
  EXPECT_FALSE(Address::parse("unix:" + std::string(108, 'x')).ok());
}

TEST(Address, IsNotCutAtANul) {
  EXPECT_FALSE(Address::from_ip(std::string_view("1.2.3.4\0.evil", 13), 80).ok());
  EXPECT_FALSE(Address::parse(std::string_view("unix:/a\0b", 9)).ok());
}

TEST(Address, OfAnIpv4ClientOnAnIpv6SocketIsTheIpv4One) {
  auto mapped = *Address::from_ip("::ffff:10.0.0.7", 9);

  EXPECT_EQ(mapped.ip(), "10.0.0.7");
  EXPECT_EQ(mapped.text(), "10.0.0.7:9");
}

TEST(Address, OfAnUnnamedUnixPeerIsEmpty) {
  sockaddr_storage storage{};
  storage.ss_family = AF_UNIX;
  auto unnamed = Address::from_system(storage, sizeof(sa_family_t));

  EXPECT_EQ(unnamed.ip(), "");
  EXPECT_EQ(unnamed.port(), 0);
  EXPECT_FALSE(unnamed.is_ip());
}

}  // namespace
}  // namespace mynah
