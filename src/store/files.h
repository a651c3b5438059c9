// SPDX-License-Identifier: Apache-2.0
// Files: the one folder that the store keeps, as an interface, so that tests can tear writes, fill
// the disk and pull the plug. All calls may block: only the store's own thread makes them once the
// store is open.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mynah::store {

// A file that is written from its beginning to its end.
class OutputFile {
 public:
  virtual ~OutputFile() = default;
  virtual Status append(std::string_view bytes) = 0;
  // Returns when what was appended would survive a loss of power.
  virtual Status sync() = 0;
};

class Files {
 public:
  virtual ~Files() = default;
  virtual Result<std::vector<std::string>> list() = 0;
  // At most `count` bytes from `offset` on; fewer at the end of the file only.
  virtual Result<std::string> read(const std::string& name, std::uint64_t offset,
                                   std::size_t count) = 0;
  // An empty file of that name, in the place of any other; its name survives a loss of power.
  virtual Result<std::unique_ptr<OutputFile>> create(const std::string& name) = 0;
  // Gives a file another name, at once and for good, in the place of any other.
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  virtual Status truncate(const std::string& name, std::uint64_t size) = 0;
  virtual Status remove(const std::string& name) = 0;
};

// The folder at `path`, which is made if it is missing. A second process that opens it is refused.
Result<std::unique_ptr<Files>> open_folder(const std::string& path);

}  // namespace mynah::store
