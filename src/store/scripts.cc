// SPDX-License-Identifier: Apache-2.0
// The table `redis` of scripts, the cache of compiled ones, and the commands.
#include "store/scripts.h"

#include <array>

#include <lua.hpp>
#include <openssl/evp.h>

#include "base/text.h"
#include "store/lua_values.h"
#include "store/numbers.h"

namespace mynah::store {
namespace {

std::string sha1_hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  MYNAH_CHECK(EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) == 1);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    hex += "0123456789abcdef"[digest[i] >> 4];
    hex += "0123456789abcdef"[digest[i] & 15];
  }
  return hex;
}

// Runs the command that a script asks for.
Resp run_for_script(Call& script, std::span<const std::string_view> words) {
  const Command* command = find_command(words[0]);
  if (command == nullptr) return err("ERR Unknown Redis command called from script");
  if (check_arity(*command, words)) {
    return err("ERR Wrong number of args calling Redis command from script");
  }
  if ((command->flags & kNoScript) != 0) {
    return err("ERR This Redis command is not allowed from script");
  }
  Call call{script.db, words, script.scripts};
  return run_command(*command, call);
}

// Puts the reply to redis.call(…) on the stack. Returns only after all its objects are gone, so
// that the caller may then leave by an error.
bool call_and_push(lua_State* lua) {
  LuaSandbox& sandbox = LuaSandbox::of(lua);
  const LuaSandbox::Unbounded unbounded(sandbox);
  const int arguments = lua_gettop(lua);
  if (arguments == 0) {
    push_reply(lua, err("ERR Please specify at least one argument for this redis lib call"));
    return false;
  }
  std::vector<std::string> texts;
  for (int i = 1; i <= arguments; ++i) {
    const int type = lua_type(lua, i);
    if (type == LUA_TNUMBER) {
      texts.push_back(real_text(lua_tonumber(lua, i)));
    } else if (type == LUA_TSTRING) {
      std::size_t size = 0;
      const char* text = lua_tolstring(lua, i, &size);
      texts.emplace_back(text, size);
    } else {
      push_reply(lua, err("ERR Lua redis lib command arguments must be strings or integers"));
      return false;
    }
  }
  const std::vector<std::string_view> words(texts.begin(), texts.end());
  const Resp reply = run_for_script(*static_cast<Call*>(sandbox.context), words);
  push_reply(lua, reply);
  return !reply.is_error();
}

int redis_call(lua_State* lua) { return call_and_push(lua) ? 1 : lua_error(lua); }

int redis_pcall(lua_State* lua) {
  call_and_push(lua);
  return 1;
}

void push_sha1(lua_State* lua) {
  const LuaSandbox::Unbounded unbounded(LuaSandbox::of(lua));
  std::size_t size = 0;
  const char* text = lua_tolstring(lua, 1, &size);
  const std::string hex = sha1_hex({text == nullptr ? "" : text, size});
  lua_pushlstring(lua, hex.data(), hex.size());
}

int redis_sha1hex(lua_State* lua) {
  if (lua_gettop(lua) != 1) return luaL_error(lua, "wrong number of arguments");
  push_sha1(lua);
  return 1;
}

int one_field(lua_State* lua, const char* field) {
  if (lua_gettop(lua) != 1 || lua_type(lua, 1) != LUA_TSTRING) {
    return luaL_error(lua, "wrong number or type of arguments");
  }
  lua_createtable(lua, 0, 1);
  lua_pushvalue(lua, 1);
  lua_setfield(lua, -2, field);
  return 1;
}

int redis_error_reply(lua_State* lua) {
  const char* text = lua_tostring(lua, 1);
  if (lua_gettop(lua) == 1 && lua_type(lua, 1) == LUA_TSTRING) {
    // Without a code of its own the error gets the common one.
    if (text[0] != '-') {
      lua_pushfstring(lua, "ERR %s", text);
      lua_replace(lua, 1);
    } else {
      lua_pushstring(lua, text + 1);
      lua_replace(lua, 1);
    }
  }
  return one_field(lua, "err");
}

int redis_status_reply(lua_State* lua) { return one_field(lua, "ok"); }

// For what a script may ask and this store need not do: logging, replication.
int redis_true(lua_State* lua) {
  lua_pushboolean(lua, 1);
  return 1;
}

int prepare_redis(lua_State* lua) {
  lua_createtable(lua, 0, 16);
  constexpr luaL_Reg kFunctions[] = {
      {"call", redis_call},
      {"pcall", redis_pcall},
      {"sha1hex", redis_sha1hex},
      {"error_reply", redis_error_reply},
      {"status_reply", redis_status_reply},
      {"log", redis_true},
      {"replicate_commands", redis_true},
      {"set_repl", redis_true},
  };
  for (const luaL_Reg& function : kFunctions) {
    lua_pushcfunction(lua, function.func);
    lua_setfield(lua, -2, function.name);
  }
  int level = 0;
  for (const char* name : {"LOG_DEBUG", "LOG_VERBOSE", "LOG_NOTICE", "LOG_WARNING"}) {
    lua_pushinteger(lua, level++);
    lua_setfield(lua, -2, name);
  }
  LuaSandbox::of(lua).freeze_table();
  lua_pushliteral(lua, "redis");
  lua_insert(lua, -2);
  lua_rawset(lua, LUA_GLOBALSINDEX);
  return 0;
}

struct Source {
  std::string_view text;  // tidy: allow string_view: lives for one call
  int reference = LUA_NOREF;
};

// Compiles as `@user_script` and keeps the function in the registry.
int compile_source(lua_State* lua) {
  auto& source = *static_cast<Source*>(lua_touserdata(lua, 1));
  if (luaL_loadbuffer(lua, source.text.data(), source.text.size(), "@user_script") != 0) {
    return lua_error(lua);
  }
  source.reference = luaL_ref(lua, LUA_REGISTRYINDEX);
  return 0;
}

void set_words(lua_State* lua, const char* name, std::span<const std::string_view> words) {
  lua_pushstring(lua, name);
  lua_createtable(lua, static_cast<int>(words.size()), 0);
  int index = 0;
  for (const std::string_view word : words) {
    lua_pushlstring(lua, word.data(), word.size());
    lua_rawseti(lua, -2, ++index);
  }
  lua_rawset(lua, LUA_GLOBALSINDEX);
}

Resp error_of_script(lua_State* lua, const std::string& hash) {
  const int top = lua_gettop(lua);
  if (lua_type(lua, top) != LUA_TTABLE) {
    // Out of memory, or an error while an error was handled: a plain text.
    const char* text = lua_tostring(lua, top);
    return err(cat("ERR ", text == nullptr ? "the script failed" : text, " script: ", hash, "."));
  }
  std::string text = error_field(lua, top, "err");
  if (text.empty()) text = "ERR unknown error";
  const std::string source = error_field(lua, top, "source");
  if (!source.empty()) {
    append(text, " script: ", hash, ", on ", source, ":", error_field(lua, top, "line"), ".");
  }
  return err(text);
}

}  // namespace

std::unique_ptr<LuaSandbox> Scripts::fresh() const {
  auto sandbox = std::make_unique<LuaSandbox>(limits_);
  MYNAH_CHECK(lua_cpcall(sandbox->lua(), prepare_redis, nullptr) == 0);
  return sandbox;
}

void Scripts::flush() {
  functions_.clear();
  sandbox_ = fresh();
}

std::optional<Resp> Scripts::compile(std::string_view text, const std::string& hash) {
  if (functions_.contains(hash)) return std::nullopt;
  // Compiled code of Lua is not checked by its machine and can break out of it; only text is taken.
  if (text.starts_with('\x1b')) return err("ERR Error compiling script (new function): not text");
  if (functions_.size() >= kScriptsMax || sandbox_->memory_bytes() > limits_.memory_bytes / 2)
    flush();
  lua_State* lua = sandbox_->lua();
  lua_settop(lua, 0);
  Source source{text};
  if (lua_cpcall(lua, compile_source, &source) != 0) {
    const char* why = lua_tostring(lua, -1);
    Resp reply =
        err(cat("ERR Error compiling script (new function): ", why == nullptr ? "?" : why));
    lua_settop(lua, 0);
    return reply;
  }
  functions_.emplace(hash, source.reference);
  return std::nullopt;
}

Resp Scripts::load(std::string_view text) {
  const std::string hash = sha1_hex(text);
  if (auto fault = compile(text, hash)) return *std::move(fault);
  return Resp::bulk(hash);
}

Resp Scripts::eval(Call& call, bool by_hash) {
  const auto keys = parse_integer(call[2]);
  if (!keys) return not_an_integer();
  const auto given = static_cast<std::int64_t>(call.size()) - 3;
  if (*keys > given) return err("ERR Number of keys can't be greater than number of args");
  if (*keys < 0) return err("ERR Number of keys can't be negative");
  const std::string hash = by_hash ? lower(call[1]) : sha1_hex(call[1]);
  if (by_hash) {
    if (!knows(hash)) return err("NOSCRIPT No matching script. Please use EVAL.");
  } else if (auto fault = compile(call[1], hash)) {
    return *std::move(fault);
  }
  sandbox_->begin();
  sandbox_->context = &call;
  lua_State* lua = sandbox_->lua();
  const auto count = static_cast<std::size_t>(*keys);
  set_words(lua, "KEYS", call.words.subspan(3, count));
  set_words(lua, "ARGV", call.words.subspan(3 + count));
  lua_rawgeti(lua, LUA_REGISTRYINDEX, functions_.at(hash));
  const bool done = sandbox_->call(0);
  Resp reply = done ? reply_from(lua, lua_gettop(lua)) : error_of_script(lua, hash);
  lua_settop(lua, 0);
  sandbox_->context = nullptr;
  // What the script did is written down by the commands that it ran.
  call.db.effect_none();
  return reply;
}

namespace {

Resp eval(Call& call) { return call.scripts->eval(call, false); }
Resp evalsha(Call& call) { return call.scripts->eval(call, true); }

Resp script(Call& call) {
  if (is_word(call[1], "load") && call.size() == 3) return call.scripts->load(call[2]);
  if (is_word(call[1], "exists")) {
    if (call.size() < 3) return err("ERR wrong number of arguments for 'script|exists' command");
    Resp reply = Resp::array();
    for (const std::string_view hash : call.words.subspan(2)) {
      reply.items.push_back(Resp::number(call.scripts->knows(lower(hash)) ? 1 : 0));
    }
    return reply;
  }
  if (is_word(call[1], "flush")) {
    call.scripts->flush();
    return Resp::ok();
  }
  return err(cat("ERR unknown subcommand '", call[1], "'. Try SCRIPT HELP."));
}

constexpr Command kCommands[] = {
    {"eval", -3, kScript | kNoScript, 0, 0, 0, eval},
    {"evalsha", -3, kScript | kNoScript, 0, 0, 0, evalsha},
    {"script", -2, kScript | kNoScript, 0, 0, 0, script},
};

}  // namespace

std::span<const Command> script_commands() { return kCommands; }

}  // namespace mynah::store
