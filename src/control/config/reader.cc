// SPDX-License-Identifier: Apache-2.0
// Names, references and files of a configuration.
#include "control/config/reader.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "base/text.h"

namespace mynah::control {

namespace {

constexpr std::array<std::string_view, 3> kWords = {"service", "route", "plug-in"};

std::size_t index_of(Named what) { return static_cast<std::size_t>(what); }

}  // namespace

void Reader::problem(Mark mark, std::string_view what) {
  problems_.add(mark, path_.empty() ? std::string(what) : cat(path_, ": ", what));
}

Reader::Inside::Inside(Reader& reader, std::string_view field)
    : reader_(reader), length_(reader.path_.size()) {
  append(reader.path_, reader.path_.empty() ? "" : ".", field);
}

Reader::Inside::Inside(Reader& reader, std::size_t index)
    : reader_(reader), length_(reader.path_.size()) {
  append(reader.path_, '[', index, ']');
}

void Reader::declare(Named what, const std::string& name, Mark mark) {
  const auto [earlier, added] = declared_[index_of(what)].try_emplace(name, mark);
  if (added) return;
  const std::string first =
      earlier->second.line > 0 ? cat("; the first is in line ", earlier->second.line) : "";
  const std::string_view where = mark.source != earlier->second.source ? " of the file" : "";
  problem(mark, cat("there is a second ", kWords[index_of(what)], " named ", in_quotes(name), first,
                    first.empty() ? "" : where));
}

void Reader::refer(Named what, const std::string& name, Mark mark) {
  references_.push_back({what, name, path_, mark});
}

bool Reader::has(Named what, const std::string& name) const {
  return declared_[index_of(what)].contains(name);
}

void Reader::check_references() {
  for (const Reference& reference : references_) {
    const auto& names = declared_[index_of(reference.what)];
    if (names.contains(reference.name)) continue;
    const std::vector<std::string_view> known = [&names] {
      std::vector<std::string_view> keys;
      for (const auto& [name, mark] : names) keys.push_back(name);
      return keys;
    }();
    problems_.add(reference.mark,
                  cat(reference.path, ": there is no ", kWords[index_of(reference.what)], " named ",
                      in_quotes(reference.name), suggestion(reference.name, known)));
  }
}

std::string Reader::file(const std::string& path, Mark mark) {
  std::string full = place(path);
  if (file_names_ == FileNames::forbidden) {
    problem(mark, cat("only the configuration file may name files of this machine, such as ",
                      in_quotes(path)));
    return full;
  }
  if (look_) {
    std::error_code failure;
    const auto status = std::filesystem::status(full, failure);
    if (!std::filesystem::exists(status)) {
      problem(mark, cat("there is no file ", path_in_quotes(full)));
    } else if (!std::filesystem::is_regular_file(status)) {
      problem(mark, cat(path_in_quotes(full), " is not a regular file"));
    }
  }
  files_.insert(full);
  return full;
}

std::string Reader::place(const std::string& path) const {
  return (std::filesystem::path(folder_) / path).lexically_normal().string();
}

}  // namespace mynah::control
