// SPDX-License-Identifier: Apache-2.0
// Conversions between RESP and Lua, in both directions.
#include "store/lua_values.h"

#include <algorithm>
#include <cmath>

#include <lua.hpp>

#include "base/text.h"

namespace mynah::store {
namespace {

constexpr int kDepthMax = 64;

void push_text(lua_State* lua, std::string_view text) {
  lua_pushlstring(lua, text.data(), text.size());
}

void push_field(lua_State* lua, const char* field, std::string_view text) {
  lua_createtable(lua, 0, 1);
  push_text(lua, text);
  lua_setfield(lua, -2, field);
}

std::int64_t truncated(double value) {
  if (std::isnan(value)) return INT64_MIN;
  return static_cast<std::int64_t>(
      std::clamp(value, -9223372036854774784.0, 9223372036854774784.0));
}

std::string_view text_at(lua_State* lua, int index) {
  std::size_t size = 0;
  const char* text = lua_tolstring(lua, index, &size);
  return {text, size};
}

// A status or error table {ok = text}, {err = text}.
bool take_field(lua_State* lua, int index, const char* field, std::string& text) {
  lua_pushstring(lua, field);
  lua_rawget(lua, index);
  const bool found = lua_type(lua, -1) == LUA_TSTRING;
  if (found) text = text_at(lua, -1);
  lua_pop(lua, 1);
  return found;
}

Resp reply_at(lua_State* lua, int index, int depth);

Resp reply_from_table(lua_State* lua, int index, int depth) {
  if (depth >= kDepthMax || lua_checkstack(lua, 4) == 0) {
    return Resp::error("ERR reached lua stack limit");
  }
  std::string text;
  if (take_field(lua, index, "err", text)) return Resp::error(text);
  if (take_field(lua, index, "ok", text)) return Resp::status(text);
  Resp array = Resp::array();
  for (int i = 1;; ++i) {
    lua_rawgeti(lua, index, i);
    const bool end = lua_isnil(lua, -1);
    if (!end) array.items.push_back(reply_at(lua, lua_gettop(lua), depth + 1));
    lua_pop(lua, 1);
    if (end) return array;
  }
}

Resp reply_at(lua_State* lua, int index, int depth) {
  switch (lua_type(lua, index)) {
    case LUA_TSTRING:
      return Resp::bulk(text_at(lua, index));
    case LUA_TNUMBER:
      return Resp::number(truncated(lua_tonumber(lua, index)));
    case LUA_TBOOLEAN:
      return lua_toboolean(lua, index) != 0 ? Resp::number(1) : Resp::null();
    case LUA_TTABLE:
      return reply_from_table(lua, index, depth);
    default:
      return Resp::null();
  }
}

}  // namespace

void push_reply(lua_State* lua, const Resp& reply) {
  luaL_checkstack(lua, 4, "a reply is nested too deeply");
  switch (reply.kind) {
    case Resp::Kind::null:
    case Resp::Kind::null_array:
      return lua_pushboolean(lua, 0);
    case Resp::Kind::status:
      return push_field(lua, "ok", reply.text.view());
    case Resp::Kind::error:
      return push_field(lua, "err", reply.text.view());
    case Resp::Kind::integer:
    case Resp::Kind::boolean:
      return lua_pushnumber(lua, static_cast<lua_Number>(reply.integer));
    case Resp::Kind::real: {
      char text[40];
      const int size = std::snprintf(text, sizeof text, "%.17g", reply.real);
      return push_text(lua, {text, static_cast<std::size_t>(size)});
    }
    case Resp::Kind::bulk:
    case Resp::Kind::big_number:
    case Resp::Kind::verbatim:
      return push_text(lua, reply.text.view());
    case Resp::Kind::array:
    case Resp::Kind::map:
    case Resp::Kind::set:
    case Resp::Kind::pairs:
    case Resp::Kind::push:
      break;
  }
  lua_createtable(lua, static_cast<int>(reply.items.size()), 0);
  int index = 0;
  for (const Resp& item : reply.items) {
    push_reply(lua, item);
    lua_rawseti(lua, -2, ++index);
  }
}

Resp reply_from(lua_State* lua, int index) { return reply_at(lua, index, 0); }

std::string error_field(lua_State* lua, int index, const char* field) {
  std::string text;
  lua_pushstring(lua, field);
  lua_rawget(lua, index);
  if (lua_type(lua, -1) == LUA_TSTRING) {
    text = text_at(lua, -1);
  } else if (lua_type(lua, -1) == LUA_TNUMBER) {
    text = cat(truncated(lua_tonumber(lua, -1)));
  }
  lua_pop(lua, 1);
  return text;
}

}  // namespace mynah::store
