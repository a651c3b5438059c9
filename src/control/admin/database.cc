// SPDX-License-Identifier: Apache-2.0
// SQLite behind values.
#include "control/admin/database.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "base/text.h"

namespace mynah::control {

namespace {

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { ::sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

int bind(sqlite3_stmt* statement, int index, const Database::Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return ::sqlite3_bind_int64(statement, index, *number);
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    return ::sqlite3_bind_text(statement, index, text->data(), static_cast<int>(text->size()),
                               SQLITE_TRANSIENT);
  }
  return ::sqlite3_bind_null(statement, index);
}

Database::Value column(sqlite3_stmt* statement, int index) {
  switch (::sqlite3_column_type(statement, index)) {
    case SQLITE_NULL:
      return std::monostate{};
    case SQLITE_INTEGER:
      return std::int64_t{::sqlite3_column_int64(statement, index)};
    default: {
      const auto* text = reinterpret_cast<const char*>(::sqlite3_column_text(statement, index));
      const auto size = static_cast<std::size_t>(::sqlite3_column_bytes(statement, index));
      return text == nullptr ? std::string() : std::string(text, size);
    }
  }
}

}  // namespace

void Database::Close::operator()(sqlite3* handle) const { ::sqlite3_close(handle); }

Error Database::failure(const std::string& what) const {
  return {Errc::unavailable, cat(what, ": ", ::sqlite3_errmsg(handle_.get()))};
}

Result<Database> Database::open(const std::string& path) {
  // SQLite would make the file for everybody to read.
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return Error{Errc::unavailable, cat("open ", path, ": ", std::strerror(errno))};
  ::close(file);
  sqlite3* handle = nullptr;
  const int opened = ::sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE, nullptr);
  Database database{std::unique_ptr<sqlite3, Close>(handle)};
  if (opened != SQLITE_OK) return database.failure(cat("open ", path));
  MYNAH_OK(
      database.run_script("pragma journal_mode = wal; pragma synchronous = full;"
                          "pragma foreign_keys = on; pragma busy_timeout = 5000;"));
  return database;
}

Status Database::run_script(const char* sql) {
  if (::sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK) return ok();
  return failure("database");
}

Status Database::migrate(std::span<const char* const> steps) {
  MYNAH_LET(const auto rows, run("pragma user_version"));
  const auto seen = static_cast<std::size_t>(std::get<std::int64_t>(rows.at(0).at(0)));
  if (seen > steps.size()) {
    return Error{Errc::unsupported,
                 "the database was written by a newer version of the program; use that one, or "
                 "restore a backup from before"};
  }
  for (std::size_t i = seen; i < steps.size(); ++i) {
    const std::string script =
        cat("begin immediate;", steps[i], ";pragma user_version = ", i + 1, ";commit;");
    const Status done = run_script(script.c_str());
    if (done) continue;
    run_script("rollback").ignore();  // The reason of the failure matters more.
    return done;
  }
  return ok();
}

Result<std::vector<Database::Row>> Database::run(const std::string& sql,
                                                 std::initializer_list<Value> values) {
  sqlite3_stmt* raw = nullptr;
  const int prepared =
      ::sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()), &raw, nullptr);
  const Statement statement(raw);
  if (prepared != SQLITE_OK) return failure("database");
  int index = 0;
  for (const Value& value : values) {
    if (bind(raw, ++index, value) != SQLITE_OK) return failure("database");
  }
  std::vector<Row> rows;
  int step = ::sqlite3_step(raw);
  for (; step == SQLITE_ROW; step = ::sqlite3_step(raw)) {
    Row& row = rows.emplace_back();
    for (int i = 0; i < ::sqlite3_column_count(raw); ++i) row.push_back(column(raw, i));
  }
  if (step != SQLITE_DONE) return failure("database");
  return rows;
}

std::int64_t Database::changed() const { return ::sqlite3_changes64(handle_.get()); }

}  // namespace mynah::control
