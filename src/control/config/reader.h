// SPDX-License-Identifier: Apache-2.0
// Reader: what goes along while a file's tree becomes the model: where in the model the reading is,
// which names there are and who refers to them, which other files are involved, what went wrong.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "control/config/problems.h"

namespace mynah::control {

// The kinds of things that have names and are referred to by them.
enum class Named : std::uint8_t { service, route, plugin };

// Whether files that are named must exist.
enum class Files : std::uint8_t { look, do_not_look };

// Whether what is read may name files at all.
enum class FileNames : std::uint8_t { allowed, forbidden };

class Reader final {
 public:
  Reader(Problems& problems, std::string folder, Files files)
      : problems_(problems), folder_(std::move(folder)), look_(files == Files::look) {}

  // Reports a problem, with the place in the model before it: "routes[2].match: …".
  void problem(Mark mark, std::string_view what);

  // The reading is inside of a field, or of an item of a list, as long as this lives.
  class Inside final {
   public:
    Inside(Reader& reader, std::string_view field);
    Inside(Reader& reader, std::size_t index);
    ~Inside() { reader_.path_.resize(length_); }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

   private:
    Reader& reader_;
    std::size_t length_;
  };

  // A thing of this name exists; a second one is a problem.
  void declare(Named what, const std::string& name, Mark mark);
  // Somebody refers to it. Whether it exists is known after everything was read.
  void refer(Named what, const std::string& name, Mark mark);
  void check_references();
  [[nodiscard]] bool has(Named what, const std::string& name) const;

  void file_names(FileNames names) { file_names_ = names; }
  // The path, taken from the folder of the file, of a file that must be there.
  std::string file(const std::string& path, Mark mark);
  // The same of a folder or file that the program may make.
  [[nodiscard]] std::string place(const std::string& path) const;
  // The files that were named, for somebody who wants to know when they change.
  [[nodiscard]] const std::set<std::string>& files() const { return files_; }

 private:
  struct Reference {
    Named what;
    std::string name;
    std::string path;
    Mark mark;
  };

  Problems& problems_;
  std::string folder_;
  bool look_;
  FileNames file_names_ = FileNames::allowed;
  std::string path_;
  std::array<std::map<std::string, Mark>, 3> declared_;
  std::vector<Reference> references_;
  std::set<std::string> files_;
};

}  // namespace mynah::control
