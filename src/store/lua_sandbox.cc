// SPDX-License-Identifier: Apache-2.0
// What is taken away from Lua, and what is counted while it runs.
#include "store/lua_sandbox.h"

#include <cstdlib>

#include <lua.hpp>

#include "base/check.h"

namespace mynah::store {
namespace {

constexpr int kInstructionsPerCount = 1000;

// What is left of Lua's basic functions: none that makes code, reads files, or reaches into other
// environments.
constexpr const char* kRemoved[] = {
    "collectgarbage", "coroutine", "dofile",   "gcinfo", "getfenv", "load",    "loadfile",
    "loadstring",     "module",    "newproxy", "print",  "require", "setfenv", "rawset"};

int refuse_change(lua_State* lua) { return luaL_error(lua, "Attempt to modify a readonly table"); }

int refuse_unknown(lua_State* lua) {
  const char* name = lua_tostring(lua, 2);
  return luaL_error(lua, "Script attempted to access nonexistent global variable '%s'",
                    name == nullptr ? "?" : name);
}

// rawset, except on tables that are protected.
int raw_set(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  luaL_checkany(lua, 2);
  luaL_checkany(lua, 3);
  if (luaL_getmetafield(lua, 1, "__metatable") != 0) return refuse_change(lua);
  lua_settop(lua, 3);
  lua_rawset(lua, 1);
  return 1;
}

// Makes of any error a table that says where it arose.
int locate_error(lua_State* lua) {
  if (lua_type(lua, 1) != LUA_TTABLE) {
    const char* text = lua_tostring(lua, 1);
    lua_createtable(lua, 0, 3);
    lua_pushfstring(lua, "ERR %s", text == nullptr ? "error object is not a string" : text);
    lua_setfield(lua, -2, "err");
    lua_replace(lua, 1);
  }
  lua_Debug where{};
  for (int level = 1; level <= 2 && lua_getstack(lua, level, &where) != 0; ++level) {
    lua_getinfo(lua, "Sl", &where);
    if (where.what[0] == 'C') continue;
    lua_pushstring(lua, where.source);
    lua_setfield(lua, 1, "source");
    lua_pushinteger(lua, where.currentline);
    lua_setfield(lua, 1, "line");
    break;
  }
  lua_settop(lua, 1);
  return 1;
}

// Gives the table on top of the stack a protected metatable whose functions are the given ones.
void protect(lua_State* lua, lua_CFunction on_unknown) {
  lua_createtable(lua, 0, 3);
  if (on_unknown != nullptr) {
    lua_pushcfunction(lua, on_unknown);
    lua_setfield(lua, -2, "__index");
  }
  lua_pushcfunction(lua, refuse_change);
  lua_setfield(lua, -2, "__newindex");
  lua_pushboolean(lua, 0);
  lua_setfield(lua, -2, "__metatable");
  lua_setmetatable(lua, -2);
}

}  // namespace

void* LuaSandbox::allocate(void* user, void* block, std::size_t before, std::size_t after) {
  auto& sandbox = *static_cast<LuaSandbox*>(user);
  if (after == 0) {
    std::free(block);
    sandbox.memory_bytes_ -= before;
    return nullptr;
  }
  const bool grows = after > before;
  if (grows && sandbox.bounded_ &&
      sandbox.memory_bytes_ + (after - before) > sandbox.limits_.memory_bytes) {
    return nullptr;
  }
  void* moved = std::realloc(block, after);
  MYNAH_CHECK(moved != nullptr);
  sandbox.memory_bytes_ += after - before;
  return moved;
}

void LuaSandbox::count(lua_State* lua, lua_Debug*) {
  LuaSandbox& sandbox = of(lua);
  if (sandbox.instructions_left_ > kInstructionsPerCount) {
    sandbox.instructions_left_ -= kInstructionsPerCount;
    return;
  }
  // From here on every instruction fails, so that a script cannot go on by catching the error.
  sandbox.instructions_left_ = 0;
  lua_sethook(lua, count, LUA_MASKCOUNT, 1);
  luaL_error(lua, "the script takes too long");
}

LuaSandbox& LuaSandbox::of(lua_State* lua) {
  void* sandbox = nullptr;
  lua_getallocf(lua, &sandbox);
  return *static_cast<LuaSandbox*>(sandbox);
}

int LuaSandbox::random_number(lua_State* lua) {
  std::uint64_t& state = of(lua).random_state_;
  state = state * 6364136223846793005 + 1442695040888963407;
  const double unit = static_cast<double>(state >> 11) / 9007199254740992.0;
  const int arguments = lua_gettop(lua);
  if (arguments == 0) {
    lua_pushnumber(lua, unit);
    return 1;
  }
  const lua_Number low = arguments == 1 ? 1 : luaL_checknumber(lua, 1);
  const lua_Number high = luaL_checknumber(lua, arguments == 1 ? 1 : 2);
  if (!(low <= high)) return luaL_error(lua, "bad argument to 'random' (interval is empty)");
  const double picked =
      low + static_cast<double>(static_cast<std::int64_t>(unit * (high - low + 1)));
  lua_pushnumber(lua, picked);
  return 1;
}

int LuaSandbox::random_seed(lua_State* lua) {
  of(lua).random_state_ =
      static_cast<std::uint64_t>(static_cast<std::int64_t>(luaL_checknumber(lua, 1)));
  return 0;
}

int LuaSandbox::prepare(lua_State* lua) {
  for (const lua_CFunction open : {luaopen_base, luaopen_table, luaopen_string, luaopen_math}) {
    lua_pushcfunction(lua, open);
    lua_call(lua, 0, 0);
  }
  for (const char* name : kRemoved) {
    lua_pushnil(lua);
    lua_setglobal(lua, name);
  }
  lua_register(lua, "rawset", raw_set);
  lua_getglobal(lua, "math");
  lua_pushcfunction(lua, random_number);
  lua_setfield(lua, -2, "random");
  lua_pushcfunction(lua, random_seed);
  lua_setfield(lua, -2, "randomseed");
  lua_settop(lua, 0);
  for (const char* name : {"string", "table", "math"}) {
    lua_getglobal(lua, name);
    of(lua).freeze_table();
    lua_setglobal(lua, name);
  }
  // Methods of strings ("x"):rep() are found in the frozen library, too.
  lua_pushliteral(lua, "");
  lua_getmetatable(lua, -1);
  lua_getglobal(lua, "string");
  lua_setfield(lua, -2, "__index");
  lua_pushboolean(lua, 0);
  lua_setfield(lua, -2, "__metatable");
  lua_settop(lua, 0);
  lua_pushvalue(lua, LUA_GLOBALSINDEX);
  protect(lua, refuse_unknown);
  lua_settop(lua, 0);
  return 0;
}

void LuaSandbox::freeze_table() {
  lua_createtable(lua_, 0, 0);
  lua_createtable(lua_, 0, 3);
  lua_pushvalue(lua_, -3);
  lua_setfield(lua_, -2, "__index");
  lua_pushcfunction(lua_, refuse_change);
  lua_setfield(lua_, -2, "__newindex");
  lua_pushboolean(lua_, 0);
  lua_setfield(lua_, -2, "__metatable");
  lua_setmetatable(lua_, -2);
  lua_remove(lua_, -2);
}

LuaSandbox::LuaSandbox(ScriptLimits limits) : limits_(limits) {
  lua_ = lua_newstate(allocate, this);
  MYNAH_CHECK(lua_ != nullptr);
  MYNAH_CHECK(lua_cpcall(lua_, prepare, nullptr) == 0);
}

LuaSandbox::~LuaSandbox() { lua_close(lua_); }

void LuaSandbox::begin() {
  random_state_ = 0;
  instructions_left_ = limits_.instructions;
  lua_settop(lua_, 0);
  // Rubbish of earlier scripts is not charged to this one.
  if (memory_bytes_ > limits_.memory_bytes / 2) lua_gc(lua_, LUA_GCCOLLECT, 0);
}

bool LuaSandbox::call(int arguments) {
  const int handler = lua_gettop(lua_) - arguments;
  lua_pushcfunction(lua_, locate_error);
  lua_insert(lua_, handler);
  lua_sethook(lua_, count, LUA_MASKCOUNT, kInstructionsPerCount);
  bounded_ = true;
  const int status = lua_pcall(lua_, arguments, 1, handler);
  bounded_ = false;
  lua_sethook(lua_, nullptr, 0, 0);
  lua_remove(lua_, handler);
  return status == 0;
}

}  // namespace mynah::store
