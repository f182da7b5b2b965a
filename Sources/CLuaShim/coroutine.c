// pcall, xpcall and the coroutine functions. They differ from Lua's own in two ways: a host call may suspend at any depth,
// through the script's own coroutines, and an interrupt passes through all of them.
#include "internal.h"

static bool is_interrupted(lua_State *lua) { return rl_context_of(lua)->interrupt != RL_NOT_INTERRUPTED; }

// --- pcall, xpcall

static int finish_protected(lua_State *lua, int status, lua_KContext skipped) {
  if (status != LUA_OK && status != LUA_YIELD) {
    if (is_interrupted(lua)) return lua_error(lua);
    lua_pushboolean(lua, 0);
    lua_insert(lua, -2);
    return 2;
  }
  return lua_gettop(lua) - (int)skipped;
}

static int protected_call(lua_State *lua) {
  luaL_checkany(lua, 1);
  lua_pushboolean(lua, 1);
  lua_insert(lua, 1);  // true, function, arguments…
  int status = lua_pcallk(lua, lua_gettop(lua) - 2, LUA_MULTRET, 0, 0, finish_protected);
  return finish_protected(lua, status, 0);
}

// Calls the script's message handler, unless the script is being stopped: the handler could run for ever.
static int guarded_handler(lua_State *lua) {
  if (is_interrupted(lua)) return 1;
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_insert(lua, 1);
  lua_call(lua, 1, 1);
  return 1;
}

static int protected_call_with_handler(lua_State *lua) {
  int count = lua_gettop(lua);
  luaL_checktype(lua, 2, LUA_TFUNCTION);
  lua_pushvalue(lua, 2);
  lua_pushcclosure(lua, guarded_handler, 1);
  lua_replace(lua, 2);        // function, handler, arguments…
  lua_pushboolean(lua, 1);
  lua_pushvalue(lua, 1);
  lua_rotate(lua, 3, 2);      // function, handler, true, function, arguments…
  int status = lua_pcallk(lua, count - 2, LUA_MULTRET, 2, 2, finish_protected);
  return finish_protected(lua, status, 2);
}

// --- coroutines

static int yield_values(lua_State *lua) {
  if (rl_context_of(lua)->task == lua) return luaL_error(lua, "attempt to yield from outside a coroutine");
  return lua_yield(lua, lua_gettop(lua));
}

// Whether a coroutine waits for the host and not for coroutine.resume. Only asked while some host call is suspended.
static bool waits_for_host(lua_State *coroutine) {
  lua_Debug frame;
  if (lua_status(coroutine) != LUA_YIELD || !lua_getstack(coroutine, 0, &frame)) return false;
  lua_getinfo(coroutine, "f", &frame);
  lua_CFunction function = lua_tocfunction(coroutine, -1);
  lua_pop(coroutine, 1);
  return function != yield_values;
}

static const char *reason_not_to_resume(lua_State *lua, lua_State *coroutine) {
  if (lua_status(coroutine) == LUA_OK && lua_gettop(coroutine) == 0) return "cannot resume dead coroutine";
  if (rl_context_of(lua)->suspended_count > 0 && waits_for_host(coroutine)) {
    return "cannot resume a coroutine that waits for a call";
  }
  return NULL;
}

enum { RESUME = 0, WRAP = 1 };

static int step(lua_State *lua, lua_State *coroutine, int argument_count, int kind);

// The host resumed the task: pass (ok, values…) on to the coroutine that the suspension came through.
static int continue_step(lua_State *lua, int status, lua_KContext state) {
  (void)status;
  int kind = (int)(state & 1);
  int base = (int)(state >> 1);
  lua_State *coroutine = lua_tothread(lua, kind == WRAP ? lua_upvalueindex(1) : 1);
  int count = lua_gettop(lua) - base;
  if (!lua_checkstack(coroutine, count)) return luaL_error(lua, "too many values");
  lua_xmove(lua, coroutine, count);
  return step(lua, coroutine, count, kind);
}

static int step(lua_State *lua, lua_State *coroutine, int argument_count, int kind) {
  rl_context *context = rl_context_of(lua);
  int count = 0;
  int blocked = lua_isyieldable(lua) ? 0 : 1;
  context->blocked_depth += blocked;
  rl_enter(context, coroutine);
  int status = lua_resume(coroutine, lua, argument_count, &count);
  rl_enter(context, lua);
  context->blocked_depth -= blocked;
  if (status == LUA_YIELD && context->suspending) {
    return lua_yieldk(lua, 0, ((lua_KContext)lua_gettop(lua) << 1) | kind, continue_step);
  }
  if (status == LUA_OK || status == LUA_YIELD) {
    if (!lua_checkstack(lua, count + 1)) {
      lua_pop(coroutine, count);
      return luaL_error(lua, "too many results to resume");
    }
    if (kind == RESUME) lua_pushboolean(lua, 1);
    lua_xmove(coroutine, lua, count);
    return kind == RESUME ? count + 1 : count;
  }
  if (kind == WRAP || context->interrupt != RL_NOT_INTERRUPTED) {
    lua_xmove(coroutine, lua, 1);
    // Close the coroutine's pending variables, as coroutine.wrap does; never while stopping: handlers could run for ever.
    if (context->interrupt == RL_NOT_INTERRUPTED && lua_resetthread(coroutine) != LUA_OK) {
      lua_xmove(coroutine, lua, 1);
    }
    return lua_error(lua);
  }
  lua_pushboolean(lua, 0);
  lua_xmove(coroutine, lua, 1);
  return 2;
}

static int resume_coroutine(lua_State *lua) {
  lua_State *coroutine = lua_tothread(lua, 1);
  luaL_argexpected(lua, coroutine != NULL, 1, "coroutine");
  int count = lua_gettop(lua) - 1;
  const char *reason = reason_not_to_resume(lua, coroutine);
  if (reason == NULL && !lua_checkstack(coroutine, count)) reason = "too many arguments to resume";
  if (reason != NULL) {
    lua_pushboolean(lua, 0);
    lua_pushstring(lua, reason);
    return 2;
  }
  lua_xmove(lua, coroutine, count);
  return step(lua, coroutine, count, RESUME);
}

static int call_wrapped(lua_State *lua) {
  lua_State *coroutine = lua_tothread(lua, lua_upvalueindex(1));
  int count = lua_gettop(lua);
  const char *reason = reason_not_to_resume(lua, coroutine);
  if (reason == NULL && !lua_checkstack(coroutine, count)) reason = "too many arguments to resume";
  if (reason != NULL) return luaL_error(lua, "%s", reason);
  lua_xmove(lua, coroutine, count);
  return step(lua, coroutine, count, WRAP);
}

static int wrap_function(lua_State *lua) {
  luaL_checktype(lua, 1, LUA_TFUNCTION);
  lua_State *coroutine = lua_newthread(lua);
  lua_pushvalue(lua, 1);
  lua_xmove(lua, coroutine, 1);
  lua_pushcclosure(lua, call_wrapped, 1);
  return 1;
}

const luaL_Reg rl_protected_functions[] = {
    {"pcall", protected_call},
    {"xpcall", protected_call_with_handler},
    {NULL, NULL},
};

const luaL_Reg rl_coroutine_functions[] = {
    {"resume", resume_coroutine},
    {"wrap", wrap_function},
    {"yield", yield_values},
    {NULL, NULL},
};
