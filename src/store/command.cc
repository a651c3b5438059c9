// SPDX-License-Identifier: Apache-2.0
// The index of all commands, and what their handlers share.
#include "store/command.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/text.h"
#include "store/hash.h"

namespace mynah::store {
namespace {

constexpr std::size_t kNameBytesMax = 24;

// All commands by name: an index with room to spare, made once and never changed.
class Index final {
 public:
  Index() {
    for (const auto family :
         {string_commands(), counter_commands(), key_commands(), expiry_commands(), scan_commands(),
          hash_commands(), list_commands(), set_commands(), set_algebra_commands(),
          sorted_set_commands(), sorted_range_commands(), server_commands(), script_commands()}) {
      for (const Command& command : family) add(command);
    }
  }

  [[nodiscard]] const Command* find(std::string_view name) const {
    for (std::size_t i = home(name); slots_[i] != nullptr; i = (i + 1) % slots_.size()) {
      if (slots_[i]->name == name) return slots_[i];
    }
    return nullptr;
  }

 private:
  [[nodiscard]] std::size_t home(std::string_view name) const {
    return hash_of(name, {1, 2}) % slots_.size();
  }
  void add(const Command& command) {
    std::size_t i = home(command.name);
    while (slots_[i] != nullptr) i = (i + 1) % slots_.size();
    slots_[i] = &command;
  }

  std::array<const Command*, 1024> slots_{};
};

}  // namespace

const Command* find_command(std::string_view name) {
  static const Index index;
  if (name.size() > kNameBytesMax) return nullptr;
  std::array<char, kNameBytesMax> lowered{};
  std::ranges::transform(name, lowered.begin(), [](char c) { return lower(c); });
  return index.find({lowered.data(), name.size()});
}

std::optional<Resp> check_arity(const Command& command, std::span<const std::string_view> words) {
  const auto count = static_cast<int>(words.size());
  if (command.arity > 0 ? count == command.arity : count >= -command.arity) return std::nullopt;
  return err(cat("ERR wrong number of arguments for '", command.name, "' command"));
}

Resp run_command(const Command& command, Call& call) {
  const std::uint64_t changes = call.db.changes();
  const std::uint64_t effects = call.db.effects();
  Resp reply = command.run(call);
  // A handler that changed something and did not say how to repeat it is repeated as it was asked.
  if (call.db.changes() != changes && call.db.effects() == effects) call.db.effect(call.words);
  return reply;
}

Resp unknown_command(std::span<const std::string_view> words) {
  constexpr std::size_t kShown = 128;
  std::string text =
      cat("ERR unknown command '", words[0].substr(0, kShown), "', with args beginning with: ");
  const std::size_t start = text.size();
  for (const std::string_view word : words.subspan(1)) {
    if (text.size() - start >= kShown) break;
    append(text, "'", word.substr(0, kShown - (text.size() - start)), "' ");
  }
  return err(text);
}

Resp wrong_type() {
  return err("WRONGTYPE Operation against a key holding the wrong kind of value");
}
Resp not_an_integer() { return err("ERR value is not an integer or out of range"); }
Resp not_a_real() { return err("ERR value is not a valid float"); }
Resp syntax_error() { return err("ERR syntax error"); }
Resp no_such_key() { return err("ERR no such key"); }
Resp out_of_range_positive() { return err("ERR value is out of range, must be positive"); }

bool is_word(std::string_view word, std::string_view name) {
  return std::ranges::equal(word, name, [](char a, char b) { return lower(a) == b; });
}

Part part_of(std::int64_t from, std::int64_t to, std::size_t size) {
  const auto length = static_cast<std::int64_t>(size);
  if (from < 0) from = std::max<std::int64_t>(0, from + length);
  if (to < 0) to += length;
  to = std::min(to, length - 1);
  if (from > to || from >= length || to < 0) return {};
  return {static_cast<std::size_t>(from), static_cast<std::size_t>(to - from + 1)};
}

std::optional<WallMs> expiry_time(std::int64_t given, TimeGiven how, WallMs now) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  if (given > kMax / how.unit_ms ||
      given < std::numeric_limits<std::int64_t>::min() / how.unit_ms) {
    return std::nullopt;
  }
  given *= how.unit_ms;
  if (how.absolute) return given;
  if (given > kMax - now) return std::nullopt;
  return given + now;
}

Resp invalid_expiry(std::string_view command) {
  return err(cat("ERR invalid expire time in '", lower(command), "' command"));
}

}  // namespace mynah::store
