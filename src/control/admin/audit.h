// SPDX-License-Identifier: Apache-2.0
// AuditLog: who changed what, when, from where, with what was there before and after, secrets
// removed. An entry is written in the same breath as its change and never altered; beyond
// kEntriesMax the oldest go.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "control/admin/accounts.h"
#include "control/admin/database.h"

namespace mynah::control {

// Who makes a change, from where.
struct Author {
  std::string name;
  Principal::By by = Principal::By::token;
  std::string client_ip;
};

class AuditLog final {
 public:
  static constexpr std::int64_t kEntriesMax = 100'000;

  struct Entry {
    std::int64_t id = 0;
    WallTime at;
    std::string author;
    std::string by;  // "session" or "token".
    std::string client_ip;
    std::string action;  // A verb: "put", "delete", "publish" …
    std::string object;  // "routes/chat".
    std::string before;  // JSON; empty when there was nothing.
    std::string after;
  };
  struct Filter {
    std::string author;  // Empty: any.
    std::string object;  // With everything below it: "routes" finds "routes/chat". Empty: any.
    std::size_t offset = 0;
    std::size_t limit = 100;
  };
  struct Found {
    std::vector<Entry> entries;  // The latest first.
    std::int64_t total = 0;
  };

  // Both outlive it.
  AuditLog(Database& database, const Clock& clock) : database_(&database), clock_(&clock) {}

  // `before` and `after` are JSON, or empty; secrets in them are removed here.
  Status record(const Author& author, std::string_view action, std::string_view object,
                const std::string& before, const std::string& after);

  Result<Found> find(const Filter& filter);

 private:
  Database* database_;
  const Clock* clock_;
};

}  // namespace mynah::control
