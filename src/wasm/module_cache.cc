// SPDX-License-Identifier: Apache-2.0
// The only source of this layer that works with files.
#include "wasm/module_cache.h"

#include <algorithm>
#include <atomic>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "base/text.h"

namespace mynah::wasm {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kExtension = ".native";
constexpr std::size_t kFingerprintDigits = 16;

// The folder exists, is ours, and nobody else can write into it.
Status check_folder(const std::string& folder) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  struct stat about{};
  if (::stat(folder.c_str(), &about) != 0 || !S_ISDIR(about.st_mode)) {
    return Error{Errc::unavailable,
                 cat("the folder for compiled modules cannot be used: ", folder)};
  }
  if (about.st_uid != ::geteuid()) {
    return Error{Errc::denied,
                 cat("the folder for compiled modules belongs to somebody else: ", folder)};
  }
  if ((about.st_mode & 077) != 0 && ::chmod(folder.c_str(), 0700) != 0) {
    return Error{Errc::denied,
                 cat("others can write into the folder for compiled modules: ", folder)};
  }
  return ok();
}

// Puts what was written under its name, so that it is seen whole or not at all, after a crash too.
Status publish(const std::string& draft, const std::string& path) {
  const int file = ::open(draft.c_str(), O_RDONLY | O_CLOEXEC);
  if (file >= 0) {
    ::fsync(file);
    ::close(file);
  }
  if (::rename(draft.c_str(), path.c_str()) == 0) return ok();
  ::unlink(draft.c_str());
  return Error{Errc::unavailable, cat("cannot keep compiled code as ", path)};
}

std::string draft_of(const std::string& path) {
  static std::atomic<unsigned> next = 0;
  return cat(path, ".", ::getpid(), ".", next++);
}

Status compile_into(Engine& engine, const ModuleCache::Settings& settings, std::string_view wasm,
                    const std::string& draft) {
  if (!settings.compiler.empty()) {
    return compile_in_process(settings.compiler, wasm, draft, settings.limits);
  }
  MYNAH_LET(const auto module, Module::compile(engine, wasm));
  MYNAH_LET(const std::string native, module->serialize());
  std::ofstream file(draft, std::ios::binary | std::ios::trunc);
  file.write(native.data(), static_cast<std::streamsize>(native.size()));
  file.close();
  if (file.fail()) return Error{Errc::unavailable, cat("cannot write ", draft)};
  return ok();
}

}  // namespace

std::string ModuleCache::path_of(std::string_view wasm) const {
  return cat(settings_.folder, "/", sha256_hex(wasm), "-",
             sha256_hex(engine_.fingerprint()).substr(0, kFingerprintDigits), kExtension);
}

Result<std::shared_ptr<const Module>> ModuleCache::find(std::string_view wasm) const {
  MYNAH_OK(check_folder(settings_.folder));
  const std::string path = path_of(wasm);
  if (::access(path.c_str(), R_OK) != 0) {
    return Error{Errc::not_found, "the module has not been compiled yet"};
  }
  auto module = Module::load(engine_, wasm, path);
  if (module) {
    ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);  // It was used now.
  } else if (module.error().code == Errc::unsupported) {
    ::unlink(path.c_str());
  }
  return module;
}

Result<std::shared_ptr<const Module>> ModuleCache::get(std::string_view wasm) const {
  // What is refused anyway needs no compiler.
  MYNAH_LET(const Binary binary, parse_binary(wasm));
  MYNAH_OK(check_module(binary));
  if (const Status usable = check_folder(settings_.folder); !usable) {
    if (settings_.compiler.empty()) return Module::compile(engine_, wasm);
    return usable.error();
  }
  if (auto found = find(wasm)) return found;
  const std::string path = path_of(wasm);
  const std::string draft = draft_of(path);
  if (Status compiled = compile_into(engine_, settings_, wasm, draft); !compiled) {
    ::unlink(draft.c_str());
    return std::move(compiled).error();
  }
  MYNAH_OK(publish(draft, path));
  trim(path);
  return Module::load(engine_, wasm, path);
}

void ModuleCache::trim(const std::string& but) const {
  struct File {
    fs::path path;
    fs::file_time_type used;
    std::uintmax_t bytes;
  };
  std::vector<File> files;
  std::uintmax_t bytes = 0;
  std::error_code failure;
  for (const fs::directory_entry& entry : fs::directory_iterator(settings_.folder, failure)) {
    if (entry.path().extension() != kExtension) continue;
    const std::uintmax_t size = entry.file_size(failure);
    if (failure) continue;
    files.push_back({entry.path(), entry.last_write_time(failure), size});
    bytes += size;
  }
  std::sort(files.begin(), files.end(),
            [](const File& a, const File& b) { return a.used < b.used; });
  for (const File& file : files) {
    if (bytes <= settings_.bytes_max) return;
    if (file.path == but) continue;
    if (fs::remove(file.path, failure)) bytes -= file.bytes;
  }
}

}  // namespace mynah::wasm
