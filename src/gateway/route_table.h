// SPDX-License-Identifier: Apache-2.0
// RouteTable: finds the route of a request. Built once a configuration, then read by all workers.
//
// The most specific route wins: first by host (an exact name before a wildcard, a longer wildcard
// before a shorter one, any wildcard before `*`), then by path (exact, then the longest prefix,
// then regular expressions, then the prefix `/`, which covers everything), then by the number of
// further conditions, then by the order of the file.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/headers.h"
#include "gateway/model.h"

namespace mynah {

class Pattern;

class RouteTable final {
 public:
  // The routes must live as long as the table.
  explicit RouteTable(const std::vector<model::Route>& routes);
  ~RouteTable();
  RouteTable(RouteTable&&) = delete;

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  // The index of the route that the request's headers lead to, or kNone.
  [[nodiscard]] std::size_t find(const Headers& request) const;

  // The path after the route's rewriting; the query stays. `path` is the request's `:path`.
  [[nodiscard]] std::string rewritten(std::size_t route, std::string_view path) const;

 private:
  struct Entry;
  struct HostGroup;

  [[nodiscard]] std::size_t find_in(const HostGroup& group, const Headers& request,
                                    std::string_view path, std::string_view query) const;
  HostGroup& group_of(const std::string& host);

  const std::vector<model::Route>& routes_;
  std::vector<std::unique_ptr<Pattern>> rewrites_;  // By route; empty where there is none.
  std::map<std::string, std::unique_ptr<HostGroup>, std::less<>> exact_;
  std::vector<std::pair<std::string, std::unique_ptr<HostGroup>>>
      wildcards_;  // ".example.com", longest first.
  std::unique_ptr<HostGroup> any_;
};

// The host of an authority: without port, in lower case.
std::string host_of(std::string_view authority);

// Whether a host fits a pattern: an exact name, "*.example.com", or "*".
bool host_fits(std::string_view host, std::string_view pattern);

}  // namespace mynah
