// The libraries that a script may use: Lua's own, less what reaches outside the state or can crash it.
#include "internal.h"

#include <string.h>

// Like setmetatable, but refuses __gc: a finalizer runs where no interrupt can reach it.
static int set_metatable(lua_State *lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  int type = lua_type(lua, 2);
  luaL_argexpected(lua, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
  if (type == LUA_TTABLE) {
    lua_pushliteral(lua, "__gc");
    if (lua_rawget(lua, 2) != LUA_TNIL) return luaL_error(lua, "__gc is not allowed in a metatable");
    lua_pop(lua, 1);
  }
  if (luaL_getmetafield(lua, 1, "__metatable") != LUA_TNIL) {
    return luaL_error(lua, "cannot change a protected metatable");
  }
  lua_settop(lua, 2);
  lua_setmetatable(lua, 1);
  return 1;
}

// What is left of a source that is compiled piece by piece, so that an interrupt is noticed between two of them.
typedef struct source_text {
  const char *next;
  size_t left;
} source_text;

static const char *read_text(lua_State *lua, void *user_data, size_t *length) {
  source_text *source = user_data;
  if (rl_context_of(lua)->interrupt != RL_NOT_INTERRUPTED) rl_raise_interrupt(lua);
  const char *piece = source->next;
  *length = source->left < 16384 ? source->left : 16384;
  source->next += *length;
  source->left -= *length;
  return *length == 0 ? NULL : piece;
}

static const char *read_piece(lua_State *lua, void *user_data, size_t *length) {
  (void)user_data;
  luaL_checkstack(lua, 2, "too many nested functions");
  lua_pushvalue(lua, 1);
  lua_call(lua, 0, 1);
  if (lua_isnil(lua, -1)) {
    lua_pop(lua, 1);
    *length = 0;
    return NULL;
  }
  if (!lua_isstring(lua, -1)) luaL_error(lua, "reader function must return a string");
  lua_replace(lua, 5);  // a slot that keeps the piece alive
  return lua_tolstring(lua, 5, length);
}

// Like load, but takes text only: crafted bytecode can crash the interpreter.
static int load_text(lua_State *lua) {
  lua_settop(lua, 4);
  const char *mode = luaL_optstring(lua, 3, "t");
  if (strcmp(mode, "t") != 0 && strcmp(mode, "bt") != 0) {
    lua_pushnil(lua);
    lua_pushfstring(lua, "attempt to load a chunk in mode '%s' (only text, mode 't', is allowed)", mode);
    return 2;
  }
  bool has_environment = !lua_isnil(lua, 4);
  int status;
  if (lua_type(lua, 1) == LUA_TSTRING) {
    source_text source;
    source.next = lua_tolstring(lua, 1, &source.left);
    status = lua_load(lua, read_text, &source, luaL_optstring(lua, 2, source.next), "t");
  } else {
    luaL_checktype(lua, 1, LUA_TFUNCTION);
    lua_pushnil(lua);  // slot 5
    status = lua_load(lua, read_piece, NULL, luaL_optstring(lua, 2, "=(load)"), "t");
  }
  if (status != LUA_OK) {
    if (rl_context_of(lua)->interrupt != RL_NOT_INTERRUPTED) return lua_error(lua);
    lua_pushnil(lua);
    lua_insert(lua, -2);
    return 2;
  }
  if (has_environment) {
    lua_pushvalue(lua, 4);
    if (lua_setupvalue(lua, -2, 1) == NULL) lua_pop(lua, 1);
  }
  return 1;
}

// collectgarbage("count") only: the other options would let a script control the collector.
static int count_garbage(lua_State *lua) {
  const char *option = luaL_optstring(lua, 1, "count");
  if (strcmp(option, "count") != 0) return luaL_error(lua, "collectgarbage: only the option 'count' is allowed");
  lua_pushnumber(lua, (lua_Number)rl_bytes_collectable(lua) / 1024);
  return 1;
}

static int next_element(lua_State *lua) {
  lua_Integer number = luaL_intop(+, luaL_checkinteger(lua, 2), 1);
  lua_pushinteger(lua, number);
  return lua_geti(lua, 1, number) == LUA_TNIL ? 1 : 2;
}

// Like ipairs, but lazy views of JSON arrays have an iterator of their own: a metamethod for each element takes twice as long.
static int each_element(lua_State *lua) {
  luaL_checkany(lua, 1);
  if (!rl_json_push_iterator(lua, 1)) lua_pushcfunction(lua, next_element);
  lua_pushvalue(lua, 1);
  lua_pushinteger(lua, 0);
  return 3;
}

static void remove_fields(lua_State *lua, const char *const names[]) {
  for (int i = 0; names[i] != NULL; i++) {
    lua_pushnil(lua);
    lua_setfield(lua, -2, names[i]);
  }
}

static void open_library(lua_State *lua, const char *name, lua_CFunction open) {
  lua_pushcfunction(lua, open);
  lua_call(lua, 0, 1);
  lua_pushvalue(lua, -1);
  lua_setglobal(lua, name);
}

static void open_base(lua_State *lua) {
  static const char *const removed[] = {"dofile", "loadfile", "print", "warn", NULL};
  static const luaL_Reg replaced[] = {
      {"setmetatable", set_metatable},
      {"load", load_text},
      {"ipairs", each_element},
      {"collectgarbage", count_garbage},
      {NULL, NULL},
  };
  open_library(lua, LUA_GNAME, luaopen_base);
  remove_fields(lua, removed);
  luaL_setfuncs(lua, replaced, 0);
  luaL_setfuncs(lua, rl_protected_functions, 0);
  lua_pop(lua, 1);
}

static void open_coroutine(lua_State *lua) {
  static const char *const removed[] = {"close", NULL};  // closing a long chain overflows the C stack in Lua 5.4.4
  open_library(lua, LUA_COLIBNAME, luaopen_coroutine);
  remove_fields(lua, removed);
  luaL_setfuncs(lua, rl_coroutine_functions, 0);
  lua_pop(lua, 1);
}

static void open_string(lua_State *lua) {
  static const char *const removed[] = {"dump", NULL};
  open_library(lua, LUA_STRLIBNAME, luaopen_string);
  remove_fields(lua, removed);
  rl_open_strings(lua);
  lua_pop(lua, 1);
  // Hide the metatable that all strings share: a script must not change ("x"):len() for others.
  lua_pushliteral(lua, "");
  lua_getmetatable(lua, -1);
  lua_pushboolean(lua, 0);
  lua_setfield(lua, -2, "__metatable");
  lua_pop(lua, 2);
}

static void open_os(lua_State *lua) {
  static const char *const removed[] = {"execute", "exit",    "getenv", "remove",
                                        "rename",  "tmpname", "setlocale", NULL};
  open_library(lua, LUA_OSLIBNAME, luaopen_os);
  remove_fields(lua, removed);
  lua_pop(lua, 1);
}

int rl_open_libraries(lua_State *lua) {
  open_base(lua);
  open_coroutine(lua);
  open_string(lua);
  open_os(lua);
  open_library(lua, LUA_TABLIBNAME, luaopen_table);
  luaL_setfuncs(lua, rl_table_functions, 0);
  open_library(lua, LUA_MATHLIBNAME, luaopen_math);
  open_library(lua, LUA_UTF8LIBNAME, luaopen_utf8);
  lua_pop(lua, 3);
  rl_open_json_markers(lua);
  return 0;
}
