// SPDX-License-Identifier: Apache-2.0
// Reading the folder, and answering from what was read.
#include "app/console_files.h"

#include <array>
#include <fstream>
#include <functional>
#include <system_error>
#include <utility>

#include "base/text.h"
#include "control/admin/secrets.h"

namespace mynah {
namespace {

using control::ApiResponse;

constexpr std::string_view kIndex = "/index.html";
constexpr std::string_view kHashed = "/assets/";

constexpr std::string_view kNotBuilt =
    "<!doctype html>\n<html lang=\"en\">\n<title>Mynah</title>\n"
    "<p>The console is not built: <code>./dev run</code> builds it, with Node.js 20.19 or newer.\n"
    "The admin API answers under <code>/api/v1</code>.</p>\n</html>\n";

std::string_view type_of(std::string_view path) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kTypes = {{
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".json", "application/json"},
  }};
  for (const auto& [ending, type] : kTypes) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

ApiResponse answer(std::uint16_t status, std::string_view type, std::string body) {
  ApiResponse response;
  response.status = status;
  response.headers.add("content-type", type);
  response.headers.add("x-content-type-options", "nosniff");
  response.headers.add("referrer-policy", "no-referrer");
  response.headers.add("content-security-policy",
                       "default-src 'self'; base-uri 'none'; form-action 'self'; "
                       "frame-ancestors 'none'");
  response.body = std::move(body);
  return response;
}

ApiResponse refusal(std::uint16_t status, std::string body) {
  ApiResponse response = answer(status, "text/plain; charset=utf-8", std::move(body));
  response.headers.add("cache-control", "no-store");
  return response;
}

bool names_tag(std::string_view if_none_match, std::string_view tag) {
  for (std::string_view each : split(if_none_match, ',')) {
    each = trim(each);
    if (each.starts_with("W/")) each.remove_prefix(2);
    if (each == tag) return true;
  }
  return false;
}

}  // namespace

Result<ConsoleFiles> ConsoleFiles::load(const std::filesystem::path& folder) {
  ConsoleFiles files;
  std::error_code failed;
  if (!std::filesystem::is_directory(folder, failed)) return files;
  std::filesystem::recursive_directory_iterator each(folder, failed);
  for (; !failed && each != std::filesystem::recursive_directory_iterator();
       each.increment(failed)) {
    if (!each->is_regular_file(failed)) continue;
    MYNAH_OK(files.add(cat("/", each->path().lexically_relative(folder).generic_string()),
                       each->path()));
  }
  if (failed) {
    return Error{Errc::unavailable, cat("cannot read the console's files in ", folder.string(),
                                        ": ", failed.message())};
  }
  return files;
}

Status ConsoleFiles::add(const std::string& path, const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  // One byte more than what is left tells a file that is too large from one that just fits.
  std::string bytes(kBytesMax - bytes_ + 1, '\0');
  stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!stream.is_open() || stream.bad()) {
    return Error{Errc::unavailable, cat("cannot read ", file.string())};
  }
  bytes.resize(static_cast<std::size_t>(stream.gcount()));
  bytes.shrink_to_fit();
  if (bytes.size() > kBytesMax - bytes_ || files_.size() == kFilesMax) {
    return Error{Errc::too_large, cat("the console's files, up to ", file.string(), ", are over ",
                                      kBytesMax, " bytes or ", kFilesMax, " files")};
  }
  bytes_ += bytes.size();
  std::string tag = cat("\"", control::sha256_hex(bytes).substr(0, 32), "\"");
  files_.emplace(path, File{std::string(type_of(path)), std::move(tag), std::move(bytes)});
  return ok();
}

ApiResponse ConsoleFiles::handle(const control::ApiRequest& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    ApiResponse response = refusal(405, "this path has no such method\n");
    response.headers.add("allow", "GET, HEAD");
    return response;
  }
  const std::string_view path = cut(request.target, "?").before;
  const auto found = files_.find(path == "/" ? kIndex : path);
  if (found == files_.end()) {
    if (path != "/") return refusal(404, "there is nothing at this path\n");
    ApiResponse response = answer(503, "text/html; charset=utf-8", std::string(kNotBuilt));
    response.headers.add("cache-control", "no-store");
    return response;
  }
  const File& file = found->second;
  const bool known = names_tag(request.headers.value_or("if-none-match", ""), file.tag);
  ApiResponse response = answer(known ? 304 : 200, file.type, known ? std::string() : file.bytes);
  response.headers.add("etag", file.tag);
  response.headers.add("cache-control", path.starts_with(kHashed)
                                            ? "public, max-age=31536000, immutable"
                                            : "no-cache");
  return response;
}

}  // namespace mynah
