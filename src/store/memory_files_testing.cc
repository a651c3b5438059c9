// SPDX-License-Identifier: Apache-2.0
// A folder in memory that fails on demand.
#include "store/memory_files_testing.h"

#include <algorithm>

#include "base/text.h"

namespace mynah::store {
namespace {

Error broken() { return {Errc::unavailable, "the simulated disk fails"}; }
Error missing(const std::string& name) { return {Errc::not_found, cat("there is no ", name)}; }

class MemoryFile final : public OutputFile {
 public:
  MemoryFile(MemoryDisk& disk, std::string name) : disk_(disk), name_(std::move(name)) {}

  Status append(std::string_view bytes) override {
    // A write that fails leaves a part of itself behind.
    const bool whole = disk_.spend();
    disk_.files[name_].bytes.append(whole ? bytes : bytes.substr(0, bytes.size() / 2));
    return whole ? ok() : Status(broken());
  }
  Status sync() override {
    if (!disk_.spend()) return broken();
    MemoryDisk::File& file = disk_.files[name_];
    file.synced = file.bytes.size();
    return ok();
  }

 private:
  MemoryDisk& disk_;
  std::string name_;
};

class MemoryFiles final : public Files {
 public:
  explicit MemoryFiles(MemoryDisk& disk) : disk_(disk) {}

  Result<std::vector<std::string>> list() override {
    if (!disk_.spend()) return broken();
    std::vector<std::string> names;
    for (const auto& [name, file] : disk_.files) names.push_back(name);
    return names;
  }
  Result<std::string> read(const std::string& name, std::uint64_t offset,
                           std::size_t count) override {
    const auto file = disk_.files.find(name);
    if (file == disk_.files.end()) return missing(name);
    const std::string& bytes = file->second.bytes;
    return offset >= bytes.size() ? std::string() : bytes.substr(offset, count);
  }
  Result<std::unique_ptr<OutputFile>> create(const std::string& name) override {
    if (!disk_.spend()) return broken();
    disk_.files[name] = {};
    return std::unique_ptr<OutputFile>(std::make_unique<MemoryFile>(disk_, name));
  }
  Status rename(const std::string& from, const std::string& to) override {
    if (!disk_.spend()) return broken();
    auto file = disk_.files.extract(from);
    if (file.empty()) return missing(from);
    disk_.files[to] = std::move(file.mapped());
    return ok();
  }
  Status truncate(const std::string& name, std::uint64_t size) override {
    if (!disk_.spend()) return broken();
    MemoryDisk::File& file = disk_.files[name];
    file.bytes.resize(size);
    file.synced = size;
    return ok();
  }
  Status remove(const std::string& name) override {
    if (!disk_.spend()) return broken();
    return disk_.files.erase(name) == 1 ? ok() : Status(missing(name));
  }

 private:
  MemoryDisk& disk_;
};

}  // namespace

bool MemoryDisk::spend() {
  ++operations;
  if (operations_left < 0) return true;
  if (operations_left == 0) return false;
  --operations_left;
  return true;
}

void MemoryDisk::lose_power(std::mt19937_64& dice) {
  for (auto& [name, file] : files) {
    const std::size_t unsynced = file.bytes.size() - file.synced;
    file.bytes.resize(file.synced + (unsynced == 0 ? 0 : dice() % (unsynced + 1)));
    // What was on its way may have reached the disk wrong.
    if (file.bytes.size() > file.synced && dice() % 4 == 0) file.bytes.back() ^= 0x55;
    file.synced = file.bytes.size();
  }
}

std::unique_ptr<Files> open_memory(MemoryDisk& disk) { return std::make_unique<MemoryFiles>(disk); }

}  // namespace mynah::store
