// SPDX-License-Identifier: Apache-2.0
// The control plane's database: SQLite in one file, used by one thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"

struct sqlite3;

namespace mynah::control {

class Database final {
 public:
  using Value = std::variant<std::monostate, std::int64_t, std::string>;
  using Row = std::vector<Value>;

  // Opens or makes the file, readable for its owner only. Changes are on the disk when a call that
  // makes them returns.
  static Result<Database> open(const std::string& path);

  // Brings the file to the newest form: runs the steps that it has not seen, each in a transaction.
  // A file that has seen more steps than there are was written by a newer program: an error.
  Status migrate(std::span<const char* const> steps);

  // Runs one statement. `?1`, `?2` … stand for the values.
  Result<std::vector<Row>> run(const std::string& sql, std::initializer_list<Value> values = {});

  // How many rows the last insert, update or delete touched.
  [[nodiscard]] std::int64_t changed() const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };

  explicit Database(std::unique_ptr<sqlite3, Close> handle) : handle_(std::move(handle)) {}
  Status run_script(const char* sql);
  [[nodiscard]] Error failure(const std::string& what) const;

  std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace mynah::control
