// SPDX-License-Identifier: Apache-2.0
// Tar files as POSIX has them (ustar), of plain files only:
//
//   archive  entry* end
//   entry    header of 512 bytes, the file's bytes, zeros up to a multiple of 512
//   end      1024 zeros
#pragma once

#include <cstdint>
#include <fstream>
#include <functional>
#include <string>

#include "base/result.h"

namespace mynah::control {

class TarWriter final {
 public:
  explicit TarWriter(std::ostream& out) : out_(out) {}

  // Appends the file under this name, which has at most 100 bytes. It must not grow meanwhile.
  Result<std::uint64_t> add(const std::string& name, const std::string& path);
  Status end();

 private:
  std::ostream& out_;
};

// Calls `take` for each file: its name, which is relative and stays below its root, its size, and
// the stream that stands at its first byte, of which it reads all or nothing.
Status read_tar(std::istream& in,
                const std::function<Status(const std::string& name, std::uint64_t bytes,
                                           std::istream& in)>& take);

}  // namespace mynah::control
