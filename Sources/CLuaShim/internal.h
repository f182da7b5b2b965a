// Shared by the files of this target only.
#pragma once

#include "CLuaShim.h"

// Publishes the coroutine that is about to run, then looks at the flag: an interrupt that arrived while another coroutine
// was published must not be lost.
void rl_enter(rl_context *context, lua_State *lua);

// Raises the memory error that the relaxed limit held back, when a collection does not bring the state below its limit.
void rl_settle_memory(lua_State *lua, rl_context *context);

// Raises the error of an interrupt; called by loops in C that notice one.
_Noreturn void rl_raise_interrupt(lua_State *lua);

// Collects garbage when so many bytes more do not fit the limit, and raises the memory error when that does not help.
void rl_require_memory(lua_State *lua, size_t bytes);

// The context whose Lua code runs on this thread.
extern _Thread_local rl_context *volatile rl_current;

// coverage.c: installs the hook that counts lines.
void rl_hook_lines(lua_State *lua);
void rl_note_line(lua_State *lua, lua_Debug *event);  // a hook that counts the line of an event

// coroutine.c
extern const luaL_Reg rl_protected_functions[];
extern const luaL_Reg rl_coroutine_functions[];

// json_view.c: pushes the iterator of `ipairs` when there is a lazy view of an array at a position.
bool rl_json_push_iterator(lua_State *lua, int position);

// strings.c: replaces fields of the library on top of the stack.
void rl_open_strings(lua_State *lua);

// tables.c
extern const luaL_Reg rl_table_functions[];
