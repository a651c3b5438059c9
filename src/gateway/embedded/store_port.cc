// SPDX-License-Identifier: Apache-2.0
// The store behind the Redis port of plug-ins.
// tidy: allow-file shared_ptr: what exchanges in flight use outlives the generation that made it
#include "gateway/embedded/store_port.h"

#include <string>
#include <utility>
#include <vector>

#include "base/resp.h"

namespace mynah {
namespace {

class StorePort final : public RedisPort {
 public:
  explicit StorePort(store::Store& store) : store_(store) {}

  [[nodiscard]] bool serves(const model::Service& service) const override {
    const auto* embedded = std::get_if<model::Embedded>(&service.origin);
    return embedded != nullptr && embedded->kind == model::EmbeddedKind::store;
  }

  Task<Result<std::string>> call(std::string_view query) override {
    auto decoder = RespDecoder::commands();
    decoder.feed(query);
    std::string replies;
    do {
      MYNAH_CO_LET(const auto command, decoder.next());
      if (!command) co_return Error{Errc::invalid_argument, "the command is cut short"};
      std::vector<std::string_view> words;
      for (const Resp& word : command->items) words.push_back(word.text.view());
      encode(store_.execute(words), RespVersion::resp2, replies);
    } while (decoder.pending_bytes() > 0);
    co_return replies;
  }

 private:
  store::Store& store_;
};

}  // namespace

std::shared_ptr<RedisPort> make_store_port(store::Store& store) {
  return std::make_shared<StorePort>(store);
}

}  // namespace mynah
