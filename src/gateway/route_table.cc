// SPDX-License-Identifier: Apache-2.0
// Matching: the groups of hosts that fit are asked from the most to the least specific one; within
// a group the entries stand in the order in which they win, so the first that fits is the answer.
// tidy: allow-file shared_ptr: what exchanges in flight use outlives the generation that made it
#include "gateway/route_table.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "gateway/pattern.h"

namespace mynah {
namespace {

// A condition on a header or query field, with its expression compiled.
struct Condition {
  const model::FieldMatch* match;
  std::unique_ptr<Pattern> pattern;

  [[nodiscard]] bool holds(std::optional<std::string_view> value) const {
    switch (match->kind) {
      case model::FieldKind::present:
        return value.has_value();
      case model::FieldKind::absent:
        return !value.has_value();
      case model::FieldKind::exact:
        return value == match->value;
      case model::FieldKind::prefix:
        return value && value->starts_with(match->value);
      case model::FieldKind::regex:
        return value && pattern->matches_all_of(*value);
    }
    return false;
  }
};

std::vector<Condition> compile(const std::vector<model::FieldMatch>& matches) {
  std::vector<Condition> conditions;
  for (const model::FieldMatch& match : matches) {
    auto pattern =
        match.kind == model::FieldKind::regex ? std::make_unique<Pattern>(match.value) : nullptr;
    conditions.push_back({&match, std::move(pattern)});
  }
  return conditions;
}

std::optional<std::string_view> query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const Halves pair = cut(query, "&");
    const Halves field = cut(pair.before, "=");
    if (field.before == name) return field.after;
    query = pair.after;
  }
  return std::nullopt;
}

bool prefix_covers(std::string_view prefix, std::string_view path) {
  if (!path.starts_with(prefix)) return false;
  return prefix.ends_with('/') || path.size() == prefix.size() || path[prefix.size()] == '/';
}

// A prefix that covers everything says less than any expression.
int rank_of(const model::PathMatch& path) {
  switch (path.kind) {
    case model::PathKind::exact:
      return 0;
    case model::PathKind::prefix:
      return path.value == "/" ? 3 : 1;
    case model::PathKind::regex:
      return 2;
  }
  return 2;
}

}  // namespace

struct RouteTable::Entry {
  std::size_t route;
  const model::Match* match;
  std::unique_ptr<Pattern> path;
  std::vector<Condition> headers;
  std::vector<Condition> query;

  [[nodiscard]] bool fits(const Headers& request, std::string_view path_text,
                          std::string_view query_text) const {
    switch (match->path.kind) {
      case model::PathKind::exact:
        if (path_text != match->path.value) return false;
        break;
      case model::PathKind::prefix:
        if (!prefix_covers(match->path.value, path_text)) return false;
        break;
      case model::PathKind::regex:
        if (!path->matches_all_of(path_text)) return false;
        break;
    }
    if (!match->methods.empty() &&
        std::ranges::find(match->methods, request.value_or(":method", "")) ==
            match->methods.end()) {
      return false;
    }
    return std::ranges::all_of(
               headers, [&](const Condition& c) { return c.holds(request.find(c.match->name)); }) &&
           std::ranges::all_of(query, [&](const Condition& c) {
             return c.holds(query_value(query_text, c.match->name));
           });
  }
};

struct RouteTable::HostGroup {
  std::vector<std::shared_ptr<const Entry>> entries;

  void sort() {
    std::ranges::stable_sort(entries, [](const auto& a, const auto& b) {
      const auto key = [](const Entry& entry) {
        const model::Match& match = *entry.match;
        const auto conditions =
            match.headers.size() + match.query.size() + (match.methods.empty() ? 0U : 1U);
        return std::tuple(rank_of(match.path),
                          -static_cast<std::ptrdiff_t>(match.path.value.size()),
                          -static_cast<std::ptrdiff_t>(conditions));
      };
      // Regular expressions have no natural order of length: among them conditions and the file
      // decide.
      if (a->match->path.kind == model::PathKind::regex &&
          b->match->path.kind == model::PathKind::regex) {
        return std::get<2>(key(*a)) < std::get<2>(key(*b));
      }
      return key(*a) < key(*b);
    });
  }
};

RouteTable::RouteTable(const std::vector<model::Route>& routes)
    : routes_(routes), any_(std::make_unique<HostGroup>()) {
  for (std::size_t i = 0; i < routes.size(); ++i) {
    const model::Match& match = routes[i].match;
    auto entry = std::make_shared<Entry>();
    entry->route = i;
    entry->match = &match;
    if (match.path.kind == model::PathKind::regex)
      entry->path = std::make_unique<Pattern>(match.path.value);
    entry->headers = compile(match.headers);
    entry->query = compile(match.query);
    if (match.hosts.empty()) any_->entries.push_back(entry);
    for (const std::string& host : match.hosts) group_of(host).entries.push_back(entry);

    const auto& rewrite = routes[i].rewrite.regex;
    rewrites_.push_back(rewrite ? std::make_unique<Pattern>(rewrite->pattern) : nullptr);
  }
  any_->sort();
  for (auto& [host, group] : exact_) group->sort();
  for (auto& [suffix, group] : wildcards_) group->sort();
  std::ranges::stable_sort(
      wildcards_, [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
}

RouteTable::~RouteTable() = default;

RouteTable::HostGroup& RouteTable::group_of(const std::string& host) {
  if (host == "*") return *any_;
  if (host.starts_with("*.")) {
    const std::string suffix = host.substr(1);
    const auto same =
        std::ranges::find(wildcards_, suffix, [](const auto& pair) { return pair.first; });
    if (same != wildcards_.end()) return *same->second;
    return *wildcards_.emplace_back(suffix, std::make_unique<HostGroup>()).second;
  }
  auto& group = exact_[host];
  if (group == nullptr) group = std::make_unique<HostGroup>();
  return *group;
}

std::size_t RouteTable::find_in(const HostGroup& group, const Headers& request,
                                std::string_view path, std::string_view query) const {
  for (const auto& entry : group.entries) {
    if (entry->fits(request, path, query)) return entry->route;
  }
  return kNone;
}

std::size_t RouteTable::find(const Headers& request) const {
  const Halves target = cut(request.value_or(":path", "/"), "?");
  if (!exact_.empty() || !wildcards_.empty()) {
    const std::string host = host_of(request.value_or(":authority", ""));
    if (const auto exact = exact_.find(host); exact != exact_.end()) {
      const std::size_t found = find_in(*exact->second, request, target.before, target.after);
      if (found != kNone) return found;
    }
    for (const auto& [suffix, group] : wildcards_) {
      if (host.size() <= suffix.size() || !host.ends_with(suffix)) continue;
      const std::size_t found = find_in(*group, request, target.before, target.after);
      if (found != kNone) return found;
    }
  }
  return find_in(*any_, request, target.before, target.after);
}

std::string RouteTable::rewritten(std::size_t route, std::string_view path) const {
  const model::Rewrite& rewrite = routes_[route].rewrite;
  if (!rewrite.prefix && !rewrite.regex) return std::string(path);
  const std::size_t query_at = std::min(path.find('?'), path.size());
  const std::string_view bare = path.substr(0, query_at);
  const std::string_view query = path.substr(query_at);
  if (rewrite.regex) return rewrites_[route]->replace_all(bare, rewrite.regex->to).append(query);
  const std::string& matched = routes_[route].match.path.value;
  std::string_view rest = bare.substr(std::min(matched.size(), bare.size()));
  std::string joined = *rewrite.prefix;
  // Exactly one slash stands where the new prefix meets the rest.
  if (joined.ends_with('/') && rest.starts_with('/')) rest.remove_prefix(1);
  if (!joined.ends_with('/') && !rest.empty() && !rest.starts_with('/')) joined.push_back('/');
  joined.append(rest);
  if (!joined.starts_with('/')) joined.insert(0, "/");
  return joined.append(query);
}

std::string host_of(std::string_view authority) {
  std::string_view host = authority;
  if (host.starts_with('[')) {
    host = host.substr(0, std::min(host.find(']'), host.size() - 1) + 1);
  } else if (const std::size_t colon = host.rfind(':'); colon != std::string_view::npos) {
    host = host.substr(0, colon);
  }
  if (host.ends_with('.')) host.remove_suffix(1);
  return lower(host);
}

bool host_fits(std::string_view host, std::string_view pattern) {
  if (pattern == "*") return true;
  if (pattern.starts_with("*."))
    return host.size() >= pattern.size() && host.ends_with(pattern.substr(1));
  return host == pattern;
}

}  // namespace mynah
