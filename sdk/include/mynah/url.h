// SPDX-License-Identifier: Apache-2.0
// Targets of requests: the path, and the names and values of the query.
//
//   Target target(x.request().path());            // "/search?q=a%20b&page=2"
//   target.query("q");                            // "a b"
//   target.set_query("page", "3");
//   x.request().set_header(":path", target.str());
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mynah {
inline namespace plugin {

// "%41" and "+" resolved; a percent sign that two hexadecimal digits do not follow stays as it is.
[[nodiscard]] std::string decode_query(std::string_view text);
// What a name or a value of a query looks like.
[[nodiscard]] std::string encode_query(std::string_view text);

class Target final {
 public:
  explicit Target(std::string_view target);

  // As it came, without the query.
  [[nodiscard]] const std::string& path() const { return path_; }
  // The first value of that name, decoded; "" of a name without a value.
  [[nodiscard]] std::optional<std::string> query(std::string_view name) const;
  // Puts the value in the place of the first of that name, or at the end; others of it go.
  void set_query(std::string_view name, std::string_view value);
  void remove_query(std::string_view name);
  // The target again. What was not changed is spelt as it came.
  [[nodiscard]] std::string str() const;

 private:
  struct Part {
    std::string name;     // decoded
    std::string spelled;  // name and value, as they stand in the target
  };

  std::string path_;
  std::vector<Part> parts_;
};

}  // namespace plugin
}  // namespace mynah
