// json.decode, json.encode and json.copy, as scripts call them. What is asked most is done here, without a Swift frame, so that the
// memory limit is hard; for options and for errors the host does it all again, in the same frame and with the same arguments.
#include "json_internal.h"

enum { DEFAULT_DEPTH = 1000 };

// Whether the options at position 2 are `{ lazy = true }`.
static bool asks_for_view(lua_State *lua) {
  if (lua_gettop(lua) != 2 || lua_type(lua, 2) != LUA_TTABLE) return false;
  lua_pushnil(lua);
  bool is_lazy = lua_next(lua, 2) && lua_type(lua, -2) == LUA_TSTRING && strcmp(lua_tostring(lua, -2), "lazy") == 0 &&
                 lua_type(lua, -1) == LUA_TBOOLEAN && lua_toboolean(lua, -1);
  if (is_lazy) {
    lua_pop(lua, 1);
    is_lazy = !lua_next(lua, 2);
  }
  lua_settop(lua, 2);
  return is_lazy;
}

static int decode_lazily(lua_State *lua) {
  lua_pushvalue(lua, 1);
  rl_json_fault fault = rl_json_push_view(lua, (rl_json_reading){.maximum_depth = DEFAULT_DEPTH});
  if (RL_LIKELY(fault.problem == RL_JSON_OK)) return 1;
  if (fault.problem == RL_JSON_STOPPED) rl_raise_interrupt(lua);
  lua_settop(lua, 2);
  return rl_trampoline(lua);
}

static int decode(lua_State *lua) {
  if (lua_type(lua, 1) == LUA_TSTRING && asks_for_view(lua)) return decode_lazily(lua);
  if (lua_gettop(lua) != 1 || lua_type(lua, 1) != LUA_TSTRING) return rl_trampoline(lua);
  size_t length;
  const char *text = lua_tolstring(lua, 1, &length);
  rl_json_fault fault = rl_json_decode(lua, (const uint8_t *)text, length, (rl_json_reading){.maximum_depth = DEFAULT_DEPTH});
  if (RL_LIKELY(fault.problem == RL_JSON_OK)) return 1;
  if (fault.problem == RL_JSON_STOPPED) rl_raise_interrupt(lua);
  lua_settop(lua, 1);
  return rl_trampoline(lua);
}

static int encode(lua_State *lua) {
  if (lua_gettop(lua) != 1) return rl_trampoline(lua);
  rl_context *context = rl_context_of(lua);
  lua_pushvalue(lua, 1);
  rl_json_writing options = {.maximum_depth = DEFAULT_DEPTH, .maximum_bytes = context->bytes_limit};
  rl_json_value_fault fault = rl_json_encode(lua, options);
  if (RL_UNLIKELY(fault.problem != RL_JSON_OK)) {
    rl_json_end_encode(lua);
    if (fault.problem == RL_JSON_STOPPED) rl_raise_interrupt(lua);
    lua_settop(lua, 1);
    return rl_trampoline(lua);
  }
  size_t length;
  const uint8_t *text = rl_json_encoded(lua, &length);
  lua_pushlstring(lua, (const char *)text, length);
  rl_json_end_encode(lua);
  return 1;
}

static int copy(lua_State *lua) {
  if (!rl_json_is_view(lua, 1)) return rl_trampoline(lua);
  lua_settop(lua, 1);
  return rl_json_make_copy(lua);
}

static void put_before(lua_State *lua, const char *name, lua_CFunction function) {
  lua_pushstring(lua, name);
  lua_pushvalue(lua, -1);
  lua_rawget(lua, -3);
  lua_getupvalue(lua, -1, 1);
  lua_pushcclosure(lua, function, 1);
  lua_replace(lua, -2);
  lua_rawset(lua, -3);
}

void rl_open_json(lua_State *lua) {
  put_before(lua, "decode", decode);
  put_before(lua, "encode", encode);
  put_before(lua, "copy", copy);
}
