// SPDX-License-Identifier: Apache-2.0
// Goal: PROXY headers are read whole, at any cut, and nothing else passes for one.
#include "gateway/proxy_protocol.h"

#include <string>

#include <gtest/gtest.h>

namespace mynah {
namespace {

using namespace std::string_literals;

const std::string kBlock = "\r\n\r\n\0\r\nQUIT\n"s + "\x21\x11"s + "\0\x0c"s + "\xc0\0\x02\x01"s +
                           "\x0a\0\0\x01"s + "\x30\x39\x01\xbb"s;

std::string source_of(std::string_view bytes) {
  const auto parsed = parse_proxy_header(bytes);
  if (!parsed) return parsed.error().what;
  if (!*parsed) return "more";
  return (*parsed)->source ? (*parsed)->source->text() : "none";
}

TEST(ProxyProtocol, ReadsALine) {
  const auto parsed =
      parse_proxy_header("PROXY TCP4 192.0.2.1 10.0.0.1 12345 443\r\nGET / HTTP/1.1");

  ASSERT_TRUE(parsed && *parsed);
  EXPECT_EQ((*parsed)->source->text(), "192.0.2.1:12345");
  EXPECT_EQ((*parsed)->rest, "GET / HTTP/1.1");
  EXPECT_EQ(source_of("PROXY TCP6 2001:db8::1 ::1 1 2\r\n"), "[2001:db8::1]:1");
  EXPECT_EQ(source_of("PROXY UNKNOWN\r\n"), "none");
}

TEST(ProxyProtocol, ReadsABlock) {
  EXPECT_EQ(source_of(kBlock), "192.0.2.1:12345");
  std::string local = kBlock;
  local[12] = 0x20;
  EXPECT_EQ(source_of(local), "none");
}

TEST(ProxyProtocol, WaitsForMoreAtEveryCut) {
  const std::string line = "PROXY TCP4 192.0.2.1 10.0.0.1 12345 443\r\n";
  for (std::size_t cut = 0; cut < line.size(); ++cut)
    EXPECT_EQ(source_of(line.substr(0, cut)), "more") << cut;
  for (std::size_t cut = 0; cut < kBlock.size(); ++cut)
    EXPECT_EQ(source_of(kBlock.substr(0, cut)), "more") << cut;
}

TEST(ProxyProtocol, RefusesWhatIsNotOne) {
  EXPECT_EQ(source_of("GET / HTTP/1.1\r\n"),
            "PROXY header: the connection does not begin with one");
  EXPECT_EQ(source_of("PROXY TCP4 192.0.2.1 10.0.0.1 99999 443\r\n"),
            "PROXY header: a port is not a number");
  EXPECT_EQ(source_of("PROXY TCP6 192.0.2.1 10.0.0.1 1 2\r\n"),
            "PROXY header: an address is not of the announced family");
  EXPECT_EQ(source_of("PROXY TCP4 192.0.2.1\r\n"), "PROXY header: six words are expected");
  EXPECT_EQ(source_of("PROXY " + std::string(200, 'x')), "PROXY header: the line does not end");
  std::string version1 = kBlock;
  version1[12] = 0x11;
  EXPECT_EQ(source_of(version1), "PROXY header: the version is not 2");
  std::string too_short = kBlock;
  too_short[15] = 4;
  EXPECT_EQ(source_of(too_short), "PROXY header: the addresses are cut short");
}

}  // namespace
}  // namespace mynah
