// SPDX-License-Identifier: Apache-2.0
// The audit log in SQLite. Times are milliseconds since 1970.
#include "control/admin/audit.h"

#include <chrono>
#include <utility>

#include "control/admin/hidden.h"

namespace mynah::control {

namespace {

std::int64_t milliseconds_of(WallTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

const std::string& text_of(const Database::Value& value) { return std::get<std::string>(value); }

constexpr std::string_view kWhere =
    " from audit where (?1 = '' or author = ?1) and "
    "(?2 = '' or object = ?2 or substr(object, 1, length(?2) + 1) = ?2 || '/')";

}  // namespace

Status AuditLog::record(const Author& author, std::string_view action, std::string_view object,
                        const std::string& before, const std::string& after) {
  MYNAH_OK(database_->run(
      "insert into audit (at, author, by, client_ip, action, object, before, after) "
      "values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
      {milliseconds_of(clock_->wall_now()), author.name,
       std::string(author.by == Principal::By::session ? "session" : "token"), author.client_ip,
       std::string(action), std::string(object), without_secrets(before), without_secrets(after)}));
  MYNAH_OK(database_->run("delete from audit where id <= (select max(id) from audit) - ?1",
                          {kEntriesMax}));
  return ok();
}

Result<AuditLog::Found> AuditLog::find(const Filter& filter) {
  Found found;
  MYNAH_LET(const auto counted, database_->run(std::string("select count(*)").append(kWhere),
                                               {filter.author, filter.object}));
  found.total = std::get<std::int64_t>(counted.at(0).at(0));
  MYNAH_LET(const auto rows,
            database_->run(
                std::string("select id, at, author, by, client_ip, action, object, before, after")
                    .append(kWhere)
                    .append(" order by id desc limit ?3 offset ?4"),
                {filter.author, filter.object, static_cast<std::int64_t>(filter.limit),
                 static_cast<std::int64_t>(filter.offset)}));
  for (const Database::Row& row : rows) {
    const std::chrono::milliseconds at(std::get<std::int64_t>(row[1]));
    found.entries.push_back({.id = std::get<std::int64_t>(row[0]),
                             .at = WallTime(at),
                             .author = text_of(row[2]),
                             .by = text_of(row[3]),
                             .client_ip = text_of(row[4]),
                             .action = text_of(row[5]),
                             .object = text_of(row[6]),
                             .before = text_of(row[7]),
                             .after = text_of(row[8])});
  }
  return found;
}

}  // namespace mynah::control
