// SPDX-License-Identifier: Apache-2.0
// Any bytes as a log, a snapshot, or the records of a log whose checksums are right: recovery ends
// without a fault, and what it recovers is recovered again from the next restart.
#include <cstdlib>
#include <map>

#include "base/resp.h"
#include "store/records.h"
#include "store/store.h"

namespace {

using namespace mynah;
using namespace mynah::store;

// A folder in memory, as small as can be.
class FuzzFiles final : public Files {
 public:
  explicit FuzzFiles(std::map<std::string, std::string>& files) : files_(files) {}

  class Output final : public OutputFile {
   public:
    explicit Output(std::string& bytes) : bytes_(bytes) {}
    Status append(std::string_view bytes) override {
      bytes_.append(bytes);
      return ok();
    }
    Status sync() override { return ok(); }

   private:
    std::string& bytes_;
  };

  Result<std::vector<std::string>> list() override {
    std::vector<std::string> names;
    for (const auto& [name, bytes] : files_) names.push_back(name);
    return names;
  }
  Result<std::string> read(const std::string& name, std::uint64_t offset,
                           std::size_t count) override {
    const std::string& bytes = files_[name];
    return offset >= bytes.size() ? std::string() : bytes.substr(offset, count);
  }
  Result<std::unique_ptr<OutputFile>> create(const std::string& name) override {
    files_[name].clear();
    return std::unique_ptr<OutputFile>(std::make_unique<Output>(files_[name]));
  }
  Status rename(const std::string& from, const std::string& to) override {
    files_[to] = files_[from];
    files_.erase(from);
    return ok();
  }
  Status truncate(const std::string& name, std::uint64_t size) override {
    files_[name].resize(size);
    return ok();
  }
  Status remove(const std::string& name) override {
    files_.erase(name);
    return ok();
  }

 private:
  std::map<std::string, std::string>& files_;
};

std::int64_t keys_after_start(std::map<std::string, std::string>& files) {
  const SimulatedClock clock;
  auto store = Store::open({.memory_bytes = 1 << 20, .background = Background::by_hand}, clock,
                           std::make_unique<FuzzFiles>(files));
  if (!store) std::abort();
  const Resp reply = (*store)->execute({"DBSIZE"});
  // Every key can be read, whatever it became.
  const Resp keys = (*store)->execute({"KEYS", "*"});
  for (const Resp& key : keys.items) (*store)->execute({"OBJECT", "ENCODING", key.text.view()});
  return reply.integer;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  std::string framed;
  append_header({{1, 2}, 1}, framed);
  std::string record;
  append_unsealed({RecordKind::changes, 1, 1'700'000'000'000, bytes}, record);
  seal(record);
  framed += record;
  for (const std::string& log : {bytes, framed}) {
    std::map<std::string, std::string> files{{"log-0000000000000001", log}};
    const std::int64_t keys = keys_after_start(files);
    if (keys_after_start(files) != keys) std::abort();
    std::map<std::string, std::string> snapshot{{"snapshot-0000000000000001", log}};
    keys_after_start(snapshot);
  }
  return 0;
}
