// Lua calls Swift. The Swift side returns a status; everything that jumps happens here, after Swift has returned.
#include "internal.h"

static const char box_type[] = "refold.host_function";

// Adds "file:line: " in front of an error message, as luaL_error does. Other error values stay as they are.
static void add_position(lua_State *lua) {
  if (lua_type(lua, -1) != LUA_TSTRING) return;
  luaL_where(lua, 1);
  lua_insert(lua, -2);
  lua_concat(lua, 2);
}

// An allocation of the whole limit cannot succeed: it raises a true LUA_ERRMEM.
static void raise_memory_error(lua_State *lua, rl_context *context) {
  lua_newuserdatauv(lua, context->bytes_limit, 0);
}

void rl_require_memory(lua_State *lua, size_t bytes) {
  if (!rl_has_memory(lua, bytes)) raise_memory_error(lua, rl_context_of(lua));
}

void rl_settle_memory(lua_State *lua, rl_context *context) {
  context->over_limit = false;
  if (context->bytes_used <= context->bytes_limit) return;
  lua_gc(lua, LUA_GCCOLLECT);
  if (context->bytes_used > context->bytes_limit) raise_memory_error(lua, context);
}

// The host resumed the coroutine with (true, values…), (false, error), (false, error, true) for a message that already says
// where, or (false) for a memory error: the suspended call returns or raises.
static int continue_suspended(lua_State *lua, int status, lua_KContext base) {
  (void)status;
  rl_context *context = rl_context_of(lua);
  context->suspended_count--;
  if (context->over_limit) rl_settle_memory(lua, context);
  if (!lua_toboolean(lua, (int)base + 1)) {
    if (lua_gettop(lua) == (int)base + 1) raise_memory_error(lua, context);
    bool is_located = lua_gettop(lua) == (int)base + 3;
    lua_settop(lua, (int)base + 2);
    if (!is_located) add_position(lua);
    return lua_error(lua);
  }
  return lua_gettop(lua) - (int)base - 1;
}

static int suspend(lua_State *lua, rl_context *context) {
  if (!rl_can_suspend(lua)) {
    return luaL_error(lua, "a call that waits cannot be made inside a C function such as table.sort or string.gsub");
  }
  context->suspending = true;
  context->suspended_count++;
  return lua_yieldk(lua, 0, lua_gettop(lua), continue_suspended);
}

static int continue_call(lua_State *lua, int status, lua_KContext base) {
  (void)status;
  return lua_gettop(lua) - (int)base;
}

// The called function may suspend: nothing of Swift is on the stack.
static int call_in_place(lua_State *lua, int argument_count) {
  int base = lua_gettop(lua) - argument_count - 1;
  lua_callk(lua, argument_count, LUA_MULTRET, base, continue_call);
  return continue_call(lua, LUA_OK, base);
}

static int finish(lua_State *lua, rl_context *context, int outcome) {
  if (context->over_limit) rl_settle_memory(lua, context);
  switch (outcome) {
    case RL_ERROR:
      add_position(lua);
      return lua_error(lua);
    case RL_RAISE:
      return lua_error(lua);
    case RL_MEMORY:
      raise_memory_error(lua, context);
      return 0;  // not reached
    case RL_SUSPEND:
      return suspend(lua, context);
    default:
      return outcome <= RL_CALL ? call_in_place(lua, RL_CALL - outcome) : outcome;
  }
}

static inline int call_host(lua_State *lua, void *box) {
  rl_context *context = rl_context_of(lua);
  context->host_depth++;
  int outcome = context->call(lua, box);
  context->host_depth--;
  if (__builtin_expect(outcome >= 0 && !context->over_limit, 1)) return outcome;
  return finish(lua, context, outcome);
}

int rl_trampoline(lua_State *lua) { return call_host(lua, lua_touserdata(lua, lua_upvalueindex(1))); }

static int owned_trampoline(lua_State *lua) {
  return call_host(lua, *(void **)lua_touserdata(lua, lua_upvalueindex(1)));
}

static int release_box(lua_State *lua) {
  void **box = lua_touserdata(lua, 1);
  if (*box != NULL) rl_context_of(lua)->release(*box);
  *box = NULL;
  return 0;
}

void rl_push_borrowed_function(lua_State *lua, void *box) {
  lua_pushlightuserdata(lua, box);
  lua_pushcclosure(lua, rl_trampoline, 1);
}

void rl_push_owned_function(lua_State *lua, void *box) {
  void **slot = lua_newuserdatauv(lua, sizeof(void *), 0);
  *slot = NULL;
  if (luaL_newmetatable(lua, box_type)) {
    lua_pushcfunction(lua, release_box);
    lua_setfield(lua, -2, "__gc");
    lua_pushboolean(lua, 0);
    lua_setfield(lua, -2, "__metatable");
  }
  lua_setmetatable(lua, -2);
  *slot = box;
  lua_pushcclosure(lua, owned_trampoline, 1);
}
