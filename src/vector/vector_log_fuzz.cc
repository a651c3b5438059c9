// SPDX-License-Identifier: Apache-2.0
// Any bytes as an operation, in a log and in a snapshot whose checksums are right: the database
// opens, answers, and opens again with the same documents.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "store/records.h"
#include "vector/database.h"

namespace {

using namespace mynah;
using namespace mynah::vector;
using store::RecordKind;

// Where the files are, which is removed at the end.
struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "mynah-fuzz-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

std::size_t documents_after_start(const std::filesystem::path& folder) {
  const SimulatedClock clock;
  auto database =
      Database::open({.folder = folder.string(), .background = Background::by_hand}, clock);
  if (!database) std::abort();
  (*database)->maintain();  // Documents that expired long ago go.
  std::size_t documents = 0;
  for (const std::string& name : (*database)->collections()) {
    documents += (*database)->stats(name)->documents;
    SearchRequest request;
    request.collection = name;
    request.vector.emplace((*database)->describe(name)->dimension, 1.0F);
    if (const auto found = (*database)->search(request); found && found->size() > 10) std::abort();
  }
  return documents;
}

// One record of each line's bytes, in a file that is whole.
void write_file(const std::filesystem::path& path, RecordKind kind, std::string_view operations,
                bool ended) {
  std::string bytes;
  store::append_header({{}, 1}, bytes);
  std::string records;
  std::uint64_t number = 1;
  while (!operations.empty()) {
    const std::size_t end = std::min(operations.find("\xff\xff"), operations.size());
    store::append_unsealed(
        {kind, kind == RecordKind::changes ? number++ : 1, 0, operations.substr(0, end)}, records);
    operations.remove_prefix(std::min(end + 2, operations.size()));
  }
  if (ended) store::append_unsealed({RecordKind::end, 1, 0, {}}, records);
  store::seal(records);
  std::ofstream(path, std::ios::binary) << bytes << records;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  for (const RecordKind kind : {RecordKind::changes, RecordKind::whole}) {
    const Folder folder;
    const bool snapshot = kind == RecordKind::whole;
    write_file(folder.path / (snapshot ? "snapshot-0000000000000001" : "log-0000000000000001"),
               kind, bytes, snapshot);
    // What a start has left is what the next one finds.
    const std::size_t documents = documents_after_start(folder.path);
    if (documents_after_start(folder.path) != documents) std::abort();
  }
  return 0;
}
