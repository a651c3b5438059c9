// SPDX-License-Identifier: Apache-2.0
// Goal: the most specific route wins, whatever its place in the file; ties go to the file's order.
#include "gateway/route_table.h"

#include <gtest/gtest.h>

namespace mynah {
namespace {

model::Route route(std::string name, model::Match match) {
  model::Route made;
  made.name = std::move(name);
  made.match = std::move(match);
  made.action = model::DirectResponse{};
  return made;
}

model::PathMatch prefix(std::string value) { return {model::PathKind::prefix, std::move(value)}; }
model::PathMatch exact(std::string value) { return {model::PathKind::exact, std::move(value)}; }
model::PathMatch regex(std::string value) { return {model::PathKind::regex, std::move(value)}; }

Headers get(std::string_view authority, std::string_view path) {
  Headers request;
  request.add(":method", "GET");
  request.add(":authority", authority);
  request.add(":path", path);
  return request;
}

std::string found(const std::vector<model::Route>& routes, const Headers& request) {
  const RouteTable table(routes);
  const std::size_t index = table.find(request);
  return index == RouteTable::kNone ? "none" : routes[index].name;
}

TEST(RouteTable, AnExactHostComesBeforeAWildcardAndAWildcardBeforeAny) {
  const std::vector<model::Route> routes = {
      route("any", {.hosts = {"*"}, .path = prefix("/very/long/prefix")}),
      route("short wildcard", {.hosts = {"*.example.com"}}),
      route("long wildcard", {.hosts = {"*.api.example.com"}}),
      route("exact", {.hosts = {"a.api.example.com"}}),
  };

  EXPECT_EQ(found(routes, get("a.api.example.com", "/very/long/prefix")), "exact");
  EXPECT_EQ(found(routes, get("b.api.example.com:8080", "/")), "long wildcard");
  EXPECT_EQ(found(routes, get("X.Example.com", "/")), "short wildcard");
  EXPECT_EQ(found(routes, get("example.com", "/very/long/prefix/x")), "any");
  EXPECT_EQ(found(routes, get("example.com", "/")), "none");
}

TEST(RouteTable, AWildcardGroupWithoutAFittingPathFallsBackToALessSpecificHost) {
  const std::vector<model::Route> routes = {
      route("host", {.hosts = {"a.com"}, .path = prefix("/only")}),
      route("any", {}),
  };

  EXPECT_EQ(found(routes, get("a.com", "/other")), "any");
}

TEST(RouteTable, AnExactPathComesBeforeTheLongestPrefixAndARegexBeforeEverything) {
  const std::vector<model::Route> routes = {
      route("regex", {.path = regex("/v[12]/.*")}),
      route("any", {.path = prefix("/")}),
      route("short", {.path = prefix("/v1")}),
      route("long", {.path = prefix("/v1/chat")}),
      route("exact", {.path = exact("/v1/chat/completions")}),
  };

  EXPECT_EQ(found(routes, get("a", "/v1/chat/completions?x=1")), "exact");
  EXPECT_EQ(found(routes, get("a", "/v1/chat/other")), "long");
  EXPECT_EQ(found(routes, get("a", "/v1/models")), "short");
  EXPECT_EQ(found(routes, get("a", "/v2/models")), "regex");
  EXPECT_EQ(found(routes, get("a", "/v3/models")), "any");
}

TEST(RouteTable, APrefixEndsWhereASegmentEnds) {
  const std::vector<model::Route> routes = {route("v1", {.path = prefix("/v1")})};

  EXPECT_EQ(found(routes, get("a", "/v1")), "v1");
  EXPECT_EQ(found(routes, get("a", "/v1/x")), "v1");
  EXPECT_EQ(found(routes, get("a", "/v1?x")), "v1");
  EXPECT_EQ(found(routes, get("a", "/v1x")), "none");
}

TEST(RouteTable, MoreConditionsWinAmongEqualPaths) {
  const std::vector<model::Route> routes = {
      route("plain", {}),
      route("header", {.headers = {{"x-version", model::FieldKind::exact, "2"}}}),
      route("query", {.methods = {"GET"}, .query = {{"beta", model::FieldKind::present, ""}}}),
  };
  Headers versioned = get("a", "/");
  versioned.add("x-version", "2");

  EXPECT_EQ(found(routes, versioned), "header");
  EXPECT_EQ(found(routes, get("a", "/?beta")), "query");
  EXPECT_EQ(found(routes, get("a", "/?alpha")), "plain");
}

TEST(RouteTable, TheOrderOfTheFileDecidesBetweenEquals) {
  const std::vector<model::Route> routes = {route("first", {}), route("second", {})};

  EXPECT_EQ(found(routes, get("a", "/")), "first");
}

TEST(RouteTable, AFieldCanBeRequiredByPrefixRegexPresenceAndAbsence) {
  const std::vector<model::Route> routes = {
      route("all", {.headers = {{"a", model::FieldKind::prefix, "1"},
                                {"b", model::FieldKind::regex, "[0-9]+"},
                                {"c", model::FieldKind::present, ""},
                                {"d", model::FieldKind::absent, ""}}}),
  };
  Headers request = get("h", "/");
  request.add("a", "12");
  request.add("b", "345");
  request.add("c", "");

  EXPECT_EQ(found(routes, request), "all");
  request.add("d", "x");
  EXPECT_EQ(found(routes, request), "none");
}

TEST(RouteTable, RewritesThePrefixWithOneSlashAndKeepsTheQuery) {
  std::vector<model::Route> routes = {route("r", {.path = prefix("/v1/")})};
  routes[0].rewrite.prefix = "/api";
  const RouteTable table(routes);

  EXPECT_EQ(table.rewritten(0, "/v1/chat?a=/v1/"), "/api/chat?a=/v1/");
  EXPECT_EQ(table.rewritten(0, "/v1/"), "/api");
}

TEST(RouteTable, RewritesByRegexWithGroups) {
  std::vector<model::Route> routes = {route("r", {})};
  routes[0].rewrite.regex = model::RegexRewrite{"^/users/([0-9]+)$", "/u?id=\\1"};
  const RouteTable table(routes);

  EXPECT_EQ(table.rewritten(0, "/users/7"), "/u?id=7");
}

TEST(HostOf, DropsPortAndCase) {
  EXPECT_EQ(host_of("A.Example:80"), "a.example");
  EXPECT_EQ(host_of("[::1]:80"), "[::1]");
  EXPECT_EQ(host_of("a."), "a");
  EXPECT_EQ(host_of(""), "");
}

}  // namespace
}  // namespace mynah
