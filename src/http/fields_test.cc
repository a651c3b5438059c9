// SPDX-License-Identifier: Apache-2.0
// Goal: fields that belong to one connection are told apart from those that travel on.
#include "http/fields.h"

#include <gtest/gtest.h>

namespace mynah::http {
namespace {

TEST(StripHopByHop, TakesOutConnectionFieldsAndThoseTheyName) {
  Headers headers;
  headers.add(":path", "/");
  headers.add("connection", "X-Hop, keep-alive, :path, Content-Length");
  headers.add("x-hop", "1");
  headers.add("keep-alive", "5");
  headers.add("te", "Trailers");
  headers.add("upgrade", "h2c");
  headers.add("content-length", "3");
  headers.add("x-kept", "2");

  strip_hop_by_hop(headers);

  Headers expected;
  expected.add(":path", "/");
  expected.add("content-length", "3");
  expected.add("x-kept", "2");
  expected.add("te", "trailers");
  EXPECT_EQ(headers, expected);
}

TEST(Trailers, MayNotDecideAboutTheMessage) {
  EXPECT_TRUE(is_forbidden_in_trailers("content-length"));
  EXPECT_TRUE(is_forbidden_in_trailers("x-forwarded-for"));
  EXPECT_FALSE(is_forbidden_in_trailers("grpc-status"));
}

TEST(Authority, IsAHostWithAnOptionalPort) {
  EXPECT_TRUE(is_authority("example.com"));
  EXPECT_TRUE(is_authority("example.com:65535"));
  EXPECT_TRUE(is_authority("[::ffff:1.2.3.4]:1"));
  EXPECT_FALSE(is_authority(""));
  EXPECT_FALSE(is_authority("u@h"));
  EXPECT_FALSE(is_authority("[]"));
  EXPECT_FALSE(is_authority("h:"));
}

TEST(Path, HasWellFormedEscapesBeforeTheQuery) {
  EXPECT_TRUE(is_path("/a%20b?c=%zz"));
  EXPECT_TRUE(is_path("*"));
  EXPECT_FALSE(is_path("/a%2"));
  EXPECT_FALSE(is_path("a"));
  EXPECT_FALSE(is_path(""));
}

}  // namespace
}  // namespace mynah::http
