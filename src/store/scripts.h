// SPDX-License-Identifier: Apache-2.0
// Scripts: EVAL and its kin. Only one script runs at a time; whoever calls holds the Store's lock
// of scripts.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/resp.h"
#include "store/command.h"
#include "store/lua_sandbox.h"

namespace mynah::store {

class Scripts final {
 public:
  explicit Scripts(ScriptLimits limits) : limits_(limits), sandbox_(fresh()) {}

  // The call's words are EVAL or EVALSHA, the script or its hash, the number of keys, keys,
  // arguments.
  Resp eval(Call& call, bool by_hash);
  // Compiles the script and keeps it; its SHA-1 in hexadecimal, or what is wrong with it.
  Resp load(std::string_view text);
  [[nodiscard]] bool knows(std::string_view hash) const {
    return functions_.contains(std::string(hash));
  }
  void flush();

 private:
  static constexpr std::size_t kScriptsMax = 2000;

  [[nodiscard]] std::unique_ptr<LuaSandbox> fresh() const;
  // Puts the compiled function on the stack; an error reply when the text does not compile.
  std::optional<Resp> compile(std::string_view text, const std::string& hash);

  ScriptLimits limits_;
  std::unique_ptr<LuaSandbox> sandbox_;
  std::unordered_map<std::string, int>
      functions_;  // SHA-1 to the function's place in Lua's registry
};

}  // namespace mynah::store
