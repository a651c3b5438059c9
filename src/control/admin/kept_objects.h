// SPDX-License-Identifier: Apache-2.0
// KeptObjects: the services, routes and plug-ins that were made through the admin API, in the
// control plane's database. What they mean is the business of control/config/overlay.h.
//
// A change of them is not made here alone: ChangeObjects, which the program gives to those who
// offer calls, tries the whole configuration with the change first.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "control/admin/audit.h"
#include "control/admin/database.h"
#include "control/config/overlay.h"

namespace mynah::control {

struct ObjectChange {
  ObjectKind kind = ObjectKind::route;
  std::string name;
  std::optional<std::string> json = std::nullopt;  // Empty: the object goes.
  // The tag that it must have, if any; an empty one, it must not exist.
  std::optional<std::string> if_tag = std::nullopt;
};

// Names a version of an object: the same for equal texts only.
std::string tag_of(const std::string& json);

// Makes the changes, all or none: reads the configuration with them, starts what it asks for, keeps
// them, and has every worker serve with them; when it returns well, that is so. It goes on to its
// end if the one who waits for it goes away. Errors:
//
//   already_exists    the object stands in the configuration file and is changed there, or it is
//   not
//                     the one of `if_tag`
//   not_found         there is no such object to go
//   invalid_argument  the configuration would not be good, each reason on a line of its own, or a
//                     plug-in does not start with it
//   exhausted         too many changes wait
//
// Each change stands in the audit log, written with it.
using ChangeObjects = std::function<Task<Status>(std::vector<ObjectChange>, Author)>;

class KeptObjects final {
 public:
  // All outlive it.
  KeptObjects(Database& database, const Clock& clock, AuditLog& audit)
      : database_(&database), clock_(&clock), audit_(&audit) {}

  // By kind and name.
  Result<Overlay> all();

  // On the disk when it returns, all or none, with their entries in the audit log.
  Status keep(std::span<const ObjectChange> changes, const Author& author);

 private:
  Status keep_one(const ObjectChange& change, const Author& author);

  Database* database_;
  const Clock* clock_;
  AuditLog* audit_;
};

// The overlay after the changes.
Overlay changed(Overlay overlay, std::span<const ObjectChange> changes);

}  // namespace mynah::control
