// SPDX-License-Identifier: Apache-2.0
// Rows and files. The order of writing is what keeps them together: bytes, then row; row, then no
// bytes.
// tidy: allow-file shared_ptr: readers keep what was published when they looked
#include "market/catalogue.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "aio/files.h"
#include "base/text.h"
#include "market/version.h"

namespace mynah::market {
namespace {

namespace fs = std::filesystem;
using control::Database;

constexpr const char* kSteps[] = {
    "create table plugins(id text primary key, owner text not null,"
    " follows integer not null default 1) strict, without rowid;"
    "create table versions(id text not null references plugins(id) on delete cascade,"
    " version text not null, sha256 text not null, bytes integer not null, name text not null,"
    " description text not null, version_description text not null, language text not null,"
    " stage text not null, priority integer, on_failure text not null,"
    " min_gateway_version text not null, schema text not null, example text,"
    " published_by text not null, published_at text not null, primary key(id, version))"
    " strict, without rowid"};

std::string text_of(const Database::Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? std::string() : *text;
}

std::int64_t number_of(const Database::Value& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  return number == nullptr ? 0 : *number;
}

// Releases before candidates, the newest first.
bool comes_first(const PublishedVersion& a, const PublishedVersion& b) {
  const auto a_version = Version::parse(a.identity.version);
  const auto b_version = Version::parse(b.identity.version);
  if (!a_version || !b_version) return a_version.ok();
  if (a_version->pre.empty() != b_version->pre.empty()) return a_version->pre.empty();
  return *b_version < *a_version;
}

PublishedVersion version_of(const Database::Row& row) {
  PublishedVersion version;
  Identity& identity = version.identity;
  identity.id = text_of(row[0]);
  identity.version = text_of(row[1]);
  version.sha256 = text_of(row[2]);
  version.bytes = static_cast<std::uint64_t>(number_of(row[3]));
  identity.name = text_of(row[4]);
  identity.description = text_of(row[5]);
  identity.version_description = text_of(row[6]);
  identity.language = text_of(row[7]);
  identity.stage = text_of(row[8]);
  if (std::holds_alternative<std::int64_t>(row[9]))
    identity.priority = static_cast<std::int32_t>(number_of(row[9]));
  identity.on_failure = text_of(row[10]);
  identity.min_gateway_version = text_of(row[11]);
  identity.schema = text_of(row[12]);
  if (std::holds_alternative<std::string>(row[13])) identity.example = text_of(row[13]);
  version.published_by = text_of(row[14]);
  version.published_at = text_of(row[15]);
  return version;
}

}  // namespace

const PublishedVersion* PublishedPlugin::find(std::string_view version) const {
  if (version.empty()) return versions.empty() ? nullptr : &versions.front();
  const auto found = std::ranges::find_if(
      versions, [&](const PublishedVersion& each) { return each.identity.version == version; });
  return found == versions.end() ? nullptr : &*found;
}

Result<std::unique_ptr<Catalogue>> Catalogue::open(const std::string& folder, const Clock& clock) {
  std::error_code failed;
  fs::create_directories(fs::path(folder) / "modules", failed);
  if (failed) return Error{Errc::unavailable, cat("make ", folder, ": ", failed.message())};
  fs::permissions(folder, fs::perms::owner_all, failed);
  MYNAH_LET(auto database, Database::open(cat(folder, "/catalogue.db")));
  MYNAH_OK(database.migrate(kSteps));
  // tidy: allow new: private constructor
  std::unique_ptr<Catalogue> catalogue(new Catalogue(std::move(database), folder, clock));
  MYNAH_OK(catalogue->read_anew());
  MYNAH_OK(catalogue->sweep());
  return catalogue;
}

std::string Catalogue::path_of(std::string_view sha256) const {
  return cat(folder_, "/modules/", sha256, ".wasm");
}

std::shared_ptr<const Catalogue::Plugins> Catalogue::all() const {
  const std::lock_guard lock(mutex_);
  return plugins_;
}

std::optional<PublishedVersion> Catalogue::find(std::string_view id,
                                                std::string_view version) const {
  const auto plugins = all();
  const auto plugin = plugins->find(id);
  if (plugin == plugins->end()) return std::nullopt;
  const PublishedVersion* const found = plugin->second.find(version);
  return found == nullptr ? std::nullopt : std::optional(*found);
}

Result<Catalogue::Plugins> Catalogue::read() {
  Plugins plugins;
  MYNAH_LET(const auto owners, database_.run("select id, owner, follows from plugins"));
  for (const Database::Row& row : owners) {
    PublishedPlugin plugin;
    plugin.id = text_of(row[0]);
    plugin.owner = text_of(row[1]);
    plugin.follows = number_of(row[2]) != 0;
    plugins.emplace(plugin.id, std::move(plugin));
  }
  MYNAH_LET(const auto rows,
            database_.run("select id, version, sha256, bytes, name, description,"
                          " version_description, language, stage, priority, on_failure,"
                          " min_gateway_version, schema, example, published_by, published_at"
                          " from versions"));
  for (const Database::Row& row : rows) {
    PublishedVersion version = version_of(row);
    version.path = path_of(version.sha256);
    plugins.at(version.identity.id).versions.push_back(std::move(version));
  }
  for (auto& [id, plugin] : plugins) std::ranges::stable_sort(plugin.versions, comes_first);
  return plugins;
}

Status Catalogue::read_anew() {
  MYNAH_LET(auto plugins, read());
  auto fresh = std::make_shared<const Plugins>(std::move(plugins));
  const std::lock_guard lock(mutex_);
  plugins_ = std::move(fresh);
  return ok();
}

// Files that no version names: of a process that ended between writing one and publishing it.
Status Catalogue::sweep() const {
  std::set<std::string> known;
  const auto plugins = all();
  for (const auto& [id, plugin] : *plugins) {
    for (const PublishedVersion& version : plugin.versions) known.insert(version.path);
  }
  std::vector<fs::path> strangers;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(fs::path(folder_) / "modules", failed)) {
    if (!known.contains(entry.path().string())) strangers.push_back(entry.path());
  }
  for (const fs::path& stranger : strangers) fs::remove(stranger, failed);
  if (failed) return Error{Errc::unavailable, cat("sweep ", folder_, ": ", failed.message())};
  return ok();
}

std::optional<Refusal> Catalogue::find_conflict(const Identity& identity, std::string_view sha256,
                                                const std::string& who, bool for_all) const {
  const auto plugins = all();
  const auto plugin = plugins->find(identity.id);
  if (plugin == plugins->end()) return std::nullopt;
  if (!for_all && plugin->second.owner != who) {
    return Refusal{RefusalCode::id_taken,
                   cat("the plug-in ", identity.id, " belongs to ", plugin->second.owner)};
  }
  const PublishedVersion* const version = plugin->second.find(identity.version);
  if (version == nullptr || version->sha256 == sha256) return std::nullopt;
  return Refusal{RefusalCode::version_exists,
                 cat(identity.id, " ", identity.version,
                     " is published already, with other bytes: ", version->sha256)};
}

Status Catalogue::keep_bytes(const std::string& sha256, std::string_view bytes) const {
  const std::string path = path_of(sha256);
  std::error_code failed;
  // A file under its hash is whole: it took that name when it was.
  if (fs::exists(path, failed) && fs::file_size(path, failed) == bytes.size()) return ok();
  return write_file_atomically(path, bytes, 0600);
}

Result<bool> Catalogue::publish(const Identity& identity, const std::string& sha256,
                                std::string_view bytes, const std::string& who, bool for_all) {
  if (const auto conflict = find_conflict(identity, sha256, who, for_all)) {
    const bool foreign = conflict->code == RefusalCode::id_taken;
    return Error{foreign ? Errc::denied : Errc::already_exists, conflict->sentence};
  }
  if (find(identity.id, identity.version)) return false;
  // It may have gone with another plug-in since it was written.
  MYNAH_OK(keep_bytes(sha256, bytes));
  MYNAH_OK(database_.run("begin immediate"));
  const auto insert = [&]() -> Status {
    MYNAH_OK(database_.run("insert into plugins(id, owner) values(?1, ?2) on conflict do nothing",
                           {identity.id, who}));
    using Value = Database::Value;
    MYNAH_OK(database_.run(
        "insert into versions values"
        "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        {identity.id, identity.version, sha256, static_cast<std::int64_t>(bytes.size()),
         identity.name, identity.description, identity.version_description, identity.language,
         identity.stage, identity.priority ? Value(std::int64_t{*identity.priority}) : Value(),
         identity.on_failure, identity.min_gateway_version, identity.schema,
         identity.example ? Value(*identity.example) : Value(), who, rfc3339(clock_.wall_now())}));
    MYNAH_OK(database_.run("commit"));
    return ok();
  };
  if (const Status inserted = insert(); !inserted) {
    database_.run("rollback").ignore();  // The reason of the failure matters more.
    return inserted.error();
  }
  MYNAH_OK(read_anew());
  return true;
}

Status Catalogue::remove(const std::string& id) {
  const auto before = all();
  const auto plugin = before->find(id);
  if (plugin == before->end()) return Error{Errc::not_found, cat("there is no plug-in ", id)};
  MYNAH_OK(database_.run("delete from plugins where id = ?1", {id}));
  MYNAH_OK(read_anew());
  drop_unused(plugin->second);
  return ok();
}

Status Catalogue::withdraw(const std::string& id, const std::string& version) {
  const auto before = all();
  const auto plugin = before->find(id);
  if (plugin == before->end() || plugin->second.find(version) == nullptr) return ok();
  if (plugin->second.versions.size() == 1) return remove(id);
  MYNAH_OK(database_.run("delete from versions where id = ?1 and version = ?2", {id, version}));
  MYNAH_OK(read_anew());
  drop_unused(plugin->second);
  return ok();
}

// Removes the files of versions that were there and that nobody has any more.
void Catalogue::drop_unused(const PublishedPlugin& before) const {
  std::set<std::string> used;
  const auto plugins = all();
  for (const auto& [id, plugin] : *plugins) {
    for (const PublishedVersion& version : plugin.versions) used.insert(version.path);
  }
  for (const PublishedVersion& version : before.versions) {
    std::error_code ignored;  // The next start sweeps what stays.
    if (!used.contains(version.path)) fs::remove(version.path, ignored);
  }
}

Status Catalogue::set_follows(const std::string& id, bool follows) {
  MYNAH_OK(database_.run("update plugins set follows = ?2 where id = ?1",
                         {id, std::int64_t{follows ? 1 : 0}}));
  return read_anew();
}

}  // namespace mynah::market
