// SPDX-License-Identifier: Apache-2.0
// Databases first, then the files that they speak of: what is published meanwhile is a file too
// many, never one that is missing.
#include "control/admin/backup.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <tuple>
#include <unistd.h>
#include <vector>

#include "base/text.h"
#include "control/admin/data_folder.h"
#include "control/admin/database.h"
#include "control/admin/tar.h"

namespace mynah::control {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDatabase = "control.db";
constexpr std::string_view kPlugins = "plugins";

Error failure(std::string_view what, std::string_view path, const std::error_code& why) {
  return {Errc::unavailable, cat(what, " ", path, ": ", why.message())};
}

bool is_database(const fs::path& file) { return file.extension() == ".db"; }

// What SQLite keeps beside a database; a copy of the database has it in itself.
bool is_beside_database(const fs::path& file) {
  return file.extension().string().starts_with(".db-");
}

// The folder's own databases and everything published, as paths from the folder: databases first.
Result<std::vector<std::string>> files_of(const fs::path& root) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator each(root, error); !error && each != fs::directory_iterator();
       each.increment(error)) {
    if (is_database(each->path())) files.push_back(each->path().filename().string());
  }
  const fs::path plugins = root / kPlugins;
  if (!error && fs::exists(plugins, error)) {
    fs::recursive_directory_iterator each(plugins, error);
    for (; !error && each != fs::recursive_directory_iterator(); each.increment(error)) {
      if (!each->is_regular_file(error) || is_beside_database(each->path())) continue;
      files.push_back(each->path().lexically_relative(root).string());
    }
  }
  if (error) return failure("read", root.string(), error);
  std::ranges::sort(files, {}, [](const std::string& name) {
    return std::tuple(!is_database(name), name.contains('/'), name);
  });
  return files;
}

// Gone with the object, if it is still there.
class Scratch final {
 public:
  explicit Scratch(fs::path path) : path_(std::move(path)) {}
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

Status make_private(const std::string& file) {
  const int made = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made < 0) return Error{Errc::unavailable, cat("make ", file, ": ", std::strerror(errno))};
  ::close(made);
  return ok();
}

Result<std::uint64_t> add_database(const std::string& name, const std::string& path,
                                   const std::string& copy, TarWriter& tar) {
  const Scratch scratch(copy);
  MYNAH_OK(make_private(copy));
  MYNAH_LET(Database database, Database::open(path));
  MYNAH_OK(database.run("vacuum into ?1", {copy}));
  return tar.add(name, copy);
}

Status add_all(const fs::path& root, const std::string& copy, TarWriter& tar,
               BackupContents& contents) {
  MYNAH_LET(const auto files, files_of(root));
  for (const std::string& name : files) {
    const std::string path = (root / name).string();
    MYNAH_LET(const std::uint64_t bytes,
              is_database(name) ? add_database(name, path, copy, tar) : tar.add(name, path));
    contents.bytes += bytes;
    ++contents.files;
  }
  return tar.end();
}

Status take_file(const fs::path& root, const std::string& name, std::uint64_t bytes,
                 std::istream& in) {
  const fs::path path = root / name;
  const bool is_known =
      (!name.contains('/') && is_database(path)) || name.starts_with(cat(kPlugins, "/"));
  if (!is_known) {
    return Error{Errc::invalid_argument, cat("the archive holds ", name, ", which no backup has")};
  }
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error) return failure("make", path.parent_path().string(), error);
  MYNAH_OK(make_private(path.string()));
  std::ofstream out(path, std::ios::binary);
  std::array<char, 64 * 1024> piece{};
  while (bytes > 0 && in && out) {
    in.read(piece.data(),
            static_cast<std::streamsize>(std::min<std::uint64_t>(bytes, piece.size())));
    out.write(piece.data(), in.gcount());
    bytes -= static_cast<std::uint64_t>(in.gcount());
  }
  out.flush();
  if (bytes > 0) return Error{Errc::invalid_argument, "the archive ends too early"};
  if (!out) return Error{Errc::unavailable, cat(path.string(), " cannot be written")};
  return ok();
}

}  // namespace

Result<BackupContents> back_up(const std::string& folder, const std::string& file) {
  const fs::path root(folder);
  if (!fs::exists(root / kDatabase)) {
    return Error{Errc::not_found, cat(folder, " is no data folder: it has no ", kDatabase)};
  }
  MYNAH_OK(make_private(file));
  BackupContents contents;
  const Status done = [&] -> Status {
    std::ofstream out(file, std::ios::binary);
    TarWriter tar(out);
    return add_all(root, cat(file, ".part"), tar, contents);
  }();
  if (done) return contents;
  std::error_code ignored;
  fs::remove(file, ignored);
  return done.error();
}

Result<BackupContents> restore(const std::string& file, const std::string& folder) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Error{Errc::not_found, cat("open ", file, ": ", std::strerror(errno))};
  MYNAH_LET(const DataFolder data, DataFolder::open(folder));
  const fs::path root(folder);
  if (fs::exists(root / kDatabase) || fs::exists(root / kPlugins)) {
    return Error{Errc::already_exists,
                 cat(folder, " holds a gateway's data already; restore into another folder")};
  }
  // All is there before any of it has its name.
  const Scratch scratch(root / "restoring");
  BackupContents contents;
  MYNAH_OK(read_tar(in, [&](const std::string& name, std::uint64_t bytes, std::istream& from) {
    contents.bytes += bytes;
    ++contents.files;
    return take_file(scratch.path(), name, bytes, from);
  }));
  if (!fs::exists(fs::path(scratch.path()) / kDatabase)) {
    return Error{Errc::invalid_argument, cat(file, " is no backup: it has no ", kDatabase)};
  }
  std::error_code error;
  // The database last: a folder with it is whole.
  std::vector<fs::path> names;
  for (const auto& entry : fs::directory_iterator(scratch.path(), error)) {
    names.push_back(entry.path().filename());
  }
  std::ranges::sort(names, {}, [](const fs::path& name) { return name == kDatabase; });
  for (const fs::path& name : names) {
    if (!error) fs::rename(fs::path(scratch.path()) / name, root / name, error);
  }
  if (error) return failure("move into", folder, error);
  return contents;
}

}  // namespace mynah::control
