// SPDX-License-Identifier: Apache-2.0
// Catalogue: what has been published. What is said of each version stands in SQLite, its bytes in a
// file that is named by their hash, all in data/plugins.
//
//   MYNAH_LET(auto catalogue, Catalogue::open(data + "/plugins", clock));
//   catalogue->keep_bytes(sha256, bytes);                  // on a thread that may wait
//   catalogue->publish(identity, sha256, bytes, who);      // on the control thread
//
// - A version never changes. Publishing the same bytes under the same version again is the same
//   version; other bytes are refused.
// - The bytes are on the disk before the version is in the database, and only what is in the
//   database is published: a process that ends at any moment leaves whole versions, and files of no
//   version, which the next start sweeps away.
// - One thread changes it. find() and keep_bytes() may be called on any.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "control/admin/database.h"
#include "market/identity.h"
#include "market/refusal.h"

namespace mynah::market {

struct PublishedVersion {
  Identity identity;
  std::string sha256;
  std::uint64_t bytes = 0;
  std::string path;  // Of the file with its bytes.
  std::string published_by;
  std::string published_at;  // RFC 3339
};

struct PublishedPlugin {
  std::string id;
  std::string owner;                       // Who published first.
  bool follows = true;                     // Whether a new version takes the place of the old one.
  std::vector<PublishedVersion> versions;  // Newest first, candidates behind all releases.

  // The version of that number, or null; the first if the number is empty.
  [[nodiscard]] const PublishedVersion* find(std::string_view version) const;
};

class Catalogue final {
 public:
  // What is published at one moment; never changes.
  using Plugins = std::map<std::string, PublishedPlugin, std::less<>>;

  static Result<std::unique_ptr<Catalogue>> open(const std::string& folder, const Clock& clock);

  [[nodiscard]] std::shared_ptr<const Plugins> all() const;
  // A version of a plug-in; the newest if none is named. Empty: there is none.
  [[nodiscard]] std::optional<PublishedVersion> find(std::string_view id,
                                                     std::string_view version) const;

  // Why these bytes cannot be published under that identity by `who`, who may publish for others if
  // `for_all`.
  [[nodiscard]] std::optional<Refusal> find_conflict(const Identity& identity,
                                                     std::string_view sha256,
                                                     const std::string& who, bool for_all) const;

  Status keep_bytes(const std::string& sha256, std::string_view bytes) const;
  // Whether it is a version that was not there before. What find_conflict() says of it is said here
  // too: as Errc::already_exists, or Errc::denied for another's id.
  Result<bool> publish(const Identity& identity, const std::string& sha256, std::string_view bytes,
                       const std::string& who, bool for_all);
  // All versions; their bytes go unless another plug-in has the same.
  Status remove(const std::string& id);
  // Takes one version back, as if it had not been published; the plug-in goes with its last one.
  Status withdraw(const std::string& id, const std::string& version);
  Status set_follows(const std::string& id, bool follows);

 private:
  Catalogue(control::Database database, std::string folder, const Clock& clock)
      : database_(std::move(database)), folder_(std::move(folder)), clock_(clock) {}

  [[nodiscard]] std::string path_of(std::string_view sha256) const;
  Result<Plugins> read();
  Status read_anew();
  Status sweep() const;
  void drop_unused(const PublishedPlugin& before) const;

  control::Database database_;
  std::string folder_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Plugins> plugins_ =
      std::make_shared<const Plugins>();  // Guarded by mutex_.
};

}  // namespace mynah::market
