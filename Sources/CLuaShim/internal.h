// Shared by the files of this target only.
#pragma once

#include "CLuaShim.h"

// Publishes the coroutine that is about to run, then looks at the flag: an interrupt that arrived while another coroutine
// was published must not be lost.
void rl_enter(rl_context *context, lua_State *lua);

// Raises the memory error that the relaxed limit held back, when a collection does not bring the state below its limit.
void rl_settle_memory(lua_State *lua, rl_context *context);

// The context whose Lua code runs on this thread.
extern _Thread_local rl_context *volatile rl_current;

// coroutine.c
extern const luaL_Reg rl_protected_functions[];
extern const luaL_Reg rl_coroutine_functions[];
