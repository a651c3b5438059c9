// SPDX-License-Identifier: Apache-2.0
// The control plane's tables, all in data/control.db: accounts, kept objects, the audit log. Those
// who use one of them share one database, on the control thread.
#pragma once

#include <string>

#include "base/result.h"
#include "control/admin/database.h"

namespace mynah::control {

// Opens or makes the database of the folder, in its newest form.
Result<Database> open_control_database(const std::string& folder);

}  // namespace mynah::control
