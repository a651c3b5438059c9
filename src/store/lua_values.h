// SPDX-License-Identifier: Apache-2.0
// Values between RESP and Lua, by the rules that Redis gives for scripts.
#pragma once

#include <string>

#include "base/resp.h"

struct lua_State;

namespace mynah::store {

// Pushes the reply of a command as a script sees it. The machine must be Unbounded.
void push_reply(lua_State* lua, const Resp& reply);

// What the value at the index is as a script's answer: numbers lose their fraction, tables end at
// the first nil.
Resp reply_from(lua_State* lua, int index);

// The text of an error table's field; empty when it has none.
std::string error_field(lua_State* lua, int index, const char* field);

}  // namespace mynah::store
