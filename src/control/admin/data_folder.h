// SPDX-License-Identifier: Apache-2.0
// The folder where the gateway keeps its state, held by one process at a time.
#pragma once

#include <string>
#include <utility>

#include "base/result.h"

namespace mynah::control {

class DataFolder final {
 public:
  // Makes the folder if it is not there, readable for its owner only, and takes it. An error says
  // which process holds it. The hold ends with the object, and with the process however that ends.
  static Result<DataFolder> open(std::string path);

  DataFolder(DataFolder&& other) noexcept
      : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}
  DataFolder& operator=(DataFolder&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(lock_, other.lock_);
    return *this;
  }
  ~DataFolder();

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  DataFolder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::string path_;
  int lock_;
};

}  // namespace mynah::control
