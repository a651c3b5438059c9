// SPDX-License-Identifier: Apache-2.0
// LuaSandbox: a Lua machine for scripts of strangers. They get the language, string, table and
// math, and nothing that reaches outside or from one script to the next: global variables and
// libraries cannot be changed, no code is made from text at run time, memory and instructions are
// counted.
//
// Lua leaves C functions by longjmp, over the heads of destructors. So functions called from Lua
// hold no object with a destructor while they call anything that can raise an error; memory errors
// cannot occur in them, because the limit binds only while the script's own code runs (see
// Unbounded).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/resp.h"

struct lua_State;
struct lua_Debug;

namespace mynah::store {

struct ScriptLimits {
  std::size_t memory_bytes = std::size_t{16} << 20;
  std::uint64_t instructions = 2'000'000;
};

class LuaSandbox final {
 public:
  explicit LuaSandbox(ScriptLimits limits);
  LuaSandbox(const LuaSandbox&) = delete;
  LuaSandbox& operator=(const LuaSandbox&) = delete;
  ~LuaSandbox();

  [[nodiscard]] lua_State* lua() const { return lua_; }
  [[nodiscard]] std::size_t memory_bytes() const { return memory_bytes_; }

  // Before each script: the counters begin anew, the random numbers too.
  void begin();

  // What the functions of the script's world find by its machine.
  void* context = nullptr;

  // The sandbox that a machine belongs to.
  static LuaSandbox& of(lua_State* lua);

  // While one of these lives, our own code may use memory beyond the limit.
  class Unbounded final {
   public:
    explicit Unbounded(LuaSandbox& sandbox) : sandbox_(sandbox), before_(sandbox.bounded_) {
      sandbox.bounded_ = false;
    }
    Unbounded(const Unbounded&) = delete;
    Unbounded& operator=(const Unbounded&) = delete;
    ~Unbounded() { sandbox_.bounded_ = before_; }

   private:
    LuaSandbox& sandbox_;
    bool before_;
  };

  // Calls the function under its `arguments` on the stack with the limits in force and one result.
  // False: an error is on the stack, as a table {err = text, source = …, line = …}.
  bool call(int arguments);

  // Wraps the table on top of the stack into one that shows the same and cannot be changed.
  void freeze_table();

 private:
  static void* allocate(void* sandbox, void* block, std::size_t before, std::size_t after);
  static void count(lua_State* lua, lua_Debug* event);
  static int random_number(lua_State* lua);
  static int random_seed(lua_State* lua);
  static int prepare(lua_State* lua);

  ScriptLimits limits_;
  lua_State* lua_ = nullptr;
  bool bounded_ = false;
  std::size_t memory_bytes_ = 0;
  std::uint64_t instructions_left_ = 0;
  std::uint64_t random_state_ = 0;
};

}  // namespace mynah::store
