// SPDX-License-Identifier: Apache-2.0
// Targets, cookies, networks, HMAC and names.
#include <set>

#include <gtest/gtest.h>

#include "mynah/cidr.h"
#include "mynah/cookies.h"
#include "mynah/encoding.h"
#include "mynah/hmac.h"
#include "mynah/random.h"
#include "mynah/url.h"

namespace mynah {
namespace {

TEST(Target, gives_values_decoded) {
  const Target target("/search?q=a%20b+c&empty=&flag&q=second&%71x=%zz");

  EXPECT_EQ(target.path(), "/search");
  EXPECT_EQ(target.query("q"), "a b c");
  EXPECT_EQ(target.query("empty"), "");
  EXPECT_EQ(target.query("flag"), "");
  EXPECT_EQ(target.query("qx"), "%zz");
  EXPECT_FALSE(target.query("none"));
}

TEST(Target, keeps_what_is_not_changed_as_it_was_spelt) {
  Target target("/a%2Fb?x=%41&y=1&x=2&&z");

  EXPECT_EQ(target.str(), "/a%2Fb?x=%41&y=1&x=2&&z");
  target.set_query("y", "b c&d");
  EXPECT_EQ(target.str(), "/a%2Fb?x=%41&y=b%20c%26d&x=2&&z");
  target.set_query("x", "3");
  EXPECT_EQ(target.str(), "/a%2Fb?x=3&y=b%20c%26d&&z");
  target.remove_query("x");
  target.set_query("new", "1");
  EXPECT_EQ(target.str(), "/a%2Fb?y=b%20c%26d&&z&new=1");
}

TEST(Target, needs_no_query) {
  Target target("/");

  EXPECT_EQ(target.str(), "/");
  target.set_query("a", "");
  EXPECT_EQ(target.str(), "/?a=");
}

TEST(Cookies, are_found_by_their_whole_name) {
  constexpr std::string_view kHeader = "xid=1; id=\"two\";id=3; empty=";

  EXPECT_EQ(find_cookie(kHeader, "id"), "two");
  EXPECT_EQ(find_cookie(kHeader, "empty"), "");
  EXPECT_FALSE(find_cookie(kHeader, "i"));
  EXPECT_FALSE(find_cookie("", "id"));
}

TEST(Cookies, are_made_careful_by_default) {
  EXPECT_EQ(*set_cookie({.name = "id", .value = "1"}),
            "id=1; Path=/; Secure; HttpOnly; SameSite=Lax");
  EXPECT_EQ(*set_cookie({.name = "id",
                         .value = "1",
                         .life = std::chrono::seconds(60),
                         .secure = false,
                         .http_only = false,
                         .same_site = ""}),
            "id=1; Path=/; Max-Age=60");
}

TEST(Cookies, take_nothing_that_would_end_them) {
  EXPECT_FALSE(set_cookie({.name = "id", .value = "1; Domain=evil"}));
  EXPECT_FALSE(set_cookie({.name = "id", .value = "1\r\nx: y"}));
  EXPECT_FALSE(set_cookie({.name = "i=d", .value = "1"}));
  EXPECT_FALSE(set_cookie({.name = "", .value = "1"}));
  EXPECT_FALSE(set_cookie({.name = "id", .value = "1", .path = "/;a"}));
}

bool inside(const std::vector<std::string>& networks, std::string_view address) {
  const auto set = CidrSet::parse(networks);
  EXPECT_TRUE(set) << set.error().what;
  return set && set->contains(address);
}

TEST(CidrSet, holds_networks_and_single_addresses) {
  EXPECT_TRUE(inside({"10.0.0.0/8"}, "10.255.255.255"));
  EXPECT_TRUE(inside({"10.1.2.3/8"}, "10.0.0.0:8080"));
  EXPECT_FALSE(inside({"10.0.0.0/8"}, "11.0.0.0"));
  EXPECT_TRUE(inside({"192.0.2.7"}, "192.0.2.7"));
  EXPECT_FALSE(inside({"192.0.2.7"}, "192.0.2.8"));
  EXPECT_TRUE(inside({"0.0.0.0/0"}, "255.255.255.255"));
  EXPECT_FALSE(inside({"0.0.0.0/0"}, "::1"));
  EXPECT_TRUE(inside({"2001:db8::/32"}, "[2001:db8:ffff::1]:443"));
  EXPECT_FALSE(inside({"2001:db8::/32"}, "2001:db9::"));
  EXPECT_TRUE(inside({"::/0"}, "fe80::1"));
  EXPECT_TRUE(inside({"10.0.0.0/8"}, "::ffff:10.1.1.1"));
  EXPECT_FALSE(inside({}, "10.1.1.1"));
  EXPECT_FALSE(inside({"10.0.0.0/8"}, "nonsense"));
}

TEST(CidrSet, joins_ranges_that_overlap) {
  const std::vector<std::string> networks = {"10.0.1.0/24", "10.0.0.0/16", "10.0.1.7",
                                             "10.2.0.0/16"};

  EXPECT_TRUE(inside(networks, "10.0.200.1"));
  EXPECT_FALSE(inside(networks, "10.1.0.0"));
  EXPECT_TRUE(inside(networks, "10.2.3.4"));
}

TEST(CidrSet, refuses_what_is_no_network_by_name) {
  for (const std::string entry : {"10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "10.0.0.256", "010.0.0.1",
                                  "1:2", "::1::2", "12345::", "::/129", "10.0.0.1:80", "", "a"}) {
    const auto set = CidrSet::parse(std::vector<std::string>{entry});
    ASSERT_FALSE(set) << entry;
    EXPECT_TRUE(set.error().what.contains(entry));
  }
}

TEST(Hmac, agrees_with_the_vectors_of_rfc_4231) {
  EXPECT_EQ(hex(as_text(hmac_sha256(std::string(20, '\x0b'), "Hi There"))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex(as_text(hmac_sha256("Jefe", "what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(as_text(hmac_sha256(std::string(131, '\xaa'),
                                    "Test Using Larger Than Block-Size Key - Hash Key First"))),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hmac, secrets_are_equal_or_not) {
  EXPECT_TRUE(equal_secrets("abc", "abc"));
  EXPECT_FALSE(equal_secrets("abc", "abd"));
  EXPECT_FALSE(equal_secrets("abc", "abcd"));
}

TEST(Uuid, says_its_version_and_is_new_each_time) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string name = uuid();
    EXPECT_EQ(name.size(), 36U);
    EXPECT_EQ(name[14], '4');
    EXPECT_TRUE(std::string_view("89ab").contains(name[19]));
    seen.insert(name);
  }
  EXPECT_EQ(seen.size(), 100U);
}

}  // namespace
}  // namespace mynah
