// SPDX-License-Identifier: Apache-2.0
// ConsoleFiles: the console's web page and its assets, as answers to requests for them.
//
// - The folder is read once, at start: what is answered is in memory, so that no request reaches
//   the file system. A target is looked up as it stands; nothing in it is decoded or resolved.
// - Files under /assets/ carry a hash of their content in their names, so they may be kept for
// ever;
//   everything else is asked for again each time, and costs 304 when it has not changed.
// - A folder that is missing is no error: whoever asks is told that the console is not built.
// - Every answer forbids the browser to load anything from elsewhere and to show it in a frame.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "control/admin/message.h"

namespace mynah {

class ConsoleFiles final {
 public:
  static constexpr std::size_t kBytesMax = 8 * 1024 * 1024;  // All files together.
  static constexpr std::size_t kFilesMax = 1000;

  // Fails when the folder cannot be read or is over the limits.
  static Result<ConsoleFiles> load(const std::filesystem::path& folder);

  // GET and HEAD; the body is there for both, whoever writes the answer to HEAD leaves it out.
  [[nodiscard]] control::ApiResponse handle(const control::ApiRequest& request) const;

 private:
  struct File {
    std::string type;  // The value of content-type.
    std::string tag;   // The value of etag, with its quotes.
    std::string bytes;
  };

  Status add(const std::string& path, const std::filesystem::path& file);

  std::map<std::string, File, std::less<>> files_;  // By path, with the slash in front.
  std::size_t bytes_ = 0;
};

}  // namespace mynah
