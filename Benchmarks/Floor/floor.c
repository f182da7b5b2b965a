#include "Floor.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stddef.h>
#include <time.h>

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int add_one(lua_State *lua) {
  lua_pushinteger(lua, luaL_checkinteger(lua, 1) + 1);
  return 1;
}

int64_t floor_host_call(const char *source, int64_t *result) {
  lua_State *lua = luaL_newstate();
  if (lua == NULL) return -1;
  luaL_openlibs(lua);
  lua_register(lua, "addone", add_one);
  int64_t elapsed = -1;
  if (luaL_loadstring(lua, source) == LUA_OK) {
    int64_t start = now();
    if (lua_pcall(lua, 0, 1, 0) == LUA_OK) elapsed = now() - start;
    *result = lua_tointeger(lua, -1);
  }
  lua_close(lua);
  return elapsed;
}

int64_t floor_open_close(int count) {
  static const luaL_Reg libraries[] = {
      {LUA_GNAME, luaopen_base},       {LUA_COLIBNAME, luaopen_coroutine}, {LUA_STRLIBNAME, luaopen_string},
      {LUA_TABLIBNAME, luaopen_table}, {LUA_MATHLIBNAME, luaopen_math},    {LUA_UTF8LIBNAME, luaopen_utf8},
      {LUA_OSLIBNAME, luaopen_os},     {NULL, NULL},
  };
  int64_t start = now();
  for (int i = 0; i < count; i++) {
    lua_State *lua = luaL_newstate();
    if (lua == NULL) return -1;
    for (const luaL_Reg *library = libraries; library->name != NULL; library++) {
      luaL_requiref(lua, library->name, library->func, 1);
      lua_pop(lua, 1);
    }
    lua_close(lua);
  }
  return now() - start;
}

static int yield_once(lua_State *lua) { return lua_yield(lua, 0); }

int64_t floor_suspend_resume(int count) {
  lua_State *lua = luaL_newstate();
  if (lua == NULL) return -1;
  lua_register(lua, "wait", yield_once);
  lua_State *coroutine = lua_newthread(lua);
  if (luaL_loadstring(coroutine, "while true do wait() end") != LUA_OK) return -1;
  int results = 0;
  lua_resume(coroutine, NULL, 0, &results);
  int64_t start = now();
  for (int i = 0; i < count; i++) {
    lua_pushinteger(coroutine, 7);
    if (lua_resume(coroutine, NULL, 1, &results) != LUA_YIELD) return -1;
  }
  int64_t elapsed = now() - start;
  lua_close(lua);
  return elapsed;
}
