// SPDX-License-Identifier: Apache-2.0
// Kept objects in SQLite.
#include "control/admin/kept_objects.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/text.h"
#include "control/admin/secrets.h"

namespace mynah::control {

Result<Overlay> KeptObjects::all() {
  MYNAH_LET(const auto rows,
            database_->run("select kind, name, json from objects order by kind, name"));
  Overlay overlay;
  for (const Database::Row& row : rows) {
    for (const ObjectKind kind : kObjectKinds) {
      if (std::get<std::string>(row[0]) != plural_of(kind)) continue;
      overlay.push_back({kind, std::get<std::string>(row[1]), std::get<std::string>(row[2])});
    }
  }
  return overlay;
}

Status KeptObjects::keep(std::span<const ObjectChange> changes, const Author& author) {
  MYNAH_OK(database_->run("begin immediate"));
  Status kept = ok();
  for (const ObjectChange& change : changes) {
    if (kept) kept = keep_one(change, author);
  }
  const auto ended = database_->run(kept ? "commit" : "rollback");
  if (kept && !ended) return ended.error();
  return kept;
}

Status KeptObjects::keep_one(const ObjectChange& change, const Author& author) {
  const std::string kind(plural_of(change.kind));
  MYNAH_LET(const auto rows,
            database_->run("select json from objects where kind = ?1 and name = ?2",
                           {kind, change.name}));
  const std::string before = rows.empty() ? "" : std::get<std::string>(rows[0][0]);
  MYNAH_OK(audit_->record(author, change.json ? "put" : "delete", cat(kind, "/", change.name),
                          before, change.json.value_or("")));
  if (!change.json) {
    MYNAH_OK(
        database_->run("delete from objects where kind = ?1 and name = ?2", {kind, change.name}));
    return ok();
  }
  const auto now = std::chrono::floor<std::chrono::seconds>(clock_->wall_now());
  MYNAH_OK(database_->run(
      "insert into objects values (?1, ?2, ?3, ?4) on conflict do update set "
      "json = excluded.json, changed = excluded.changed",
      {kind, change.name, *change.json, std::int64_t{now.time_since_epoch().count()}}));
  return ok();
}

std::string tag_of(const std::string& json) {
  return cat('"', sha256_hex(json).substr(0, 32), '"');
}

Overlay changed(Overlay overlay, std::span<const ObjectChange> changes) {
  for (const ObjectChange& change : changes) {
    std::erase_if(overlay, [&change](const KeptObject& object) {
      return object.kind == change.kind && object.name == change.name;
    });
    if (change.json) overlay.push_back({change.kind, change.name, *change.json});
  }
  std::ranges::sort(overlay, {}, [](const KeptObject& object) {
    return std::pair(plural_of(object.kind), object.name);
  });
  return overlay;
}

}  // namespace mynah::control
