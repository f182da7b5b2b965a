// Opening and closing a state, and the allocator that counts and limits its memory.
#include "internal.h"

#include <stdlib.h>

static void *allocate(void *user_data, void *block, size_t old_size, size_t new_size) {
  rl_context *context = user_data;
  if (block == NULL) old_size = 0;  // Lua passes a type tag there
  if (new_size == 0) {
    free(block);
    context->bytes_used -= old_size;
    return NULL;
  }
  if (new_size > old_size && context->bytes_used - old_size + new_size > context->bytes_limit) {
    if (context->host_depth == 0) return NULL;
    context->over_limit = true;
  }
  void *moved = realloc(block, new_size);
  if (moved == NULL) {
    // The machine itself is out of memory. Below a Swift frame Lua must not raise: end as the Swift runtime would.
    if (context->host_depth > 0) abort();
    return NULL;
  }
  context->bytes_used += new_size - old_size;
  if (context->bytes_used > context->bytes_peak) context->bytes_peak = context->bytes_used;
  return moved;
}

rl_context *rl_open(size_t bytes_limit, void *owner, rl_host_function call, rl_host_release release) {
  rl_context *context = calloc(1, sizeof *context);
  if (context == NULL) return NULL;
  context->bytes_limit = bytes_limit;
  context->owner = owner;
  context->call = call;
  context->release = release;
  lua_State *lua = lua_newstate(allocate, context);
  if (lua == NULL) {
    free(context);
    return NULL;
  }
  *(rl_context **)lua_getextraspace(lua) = context;
  context->main = lua;
  lua_pushcfunction(lua, rl_open_libraries);
  if (lua_pcall(lua, 0, 0, 0) != LUA_OK) {
    rl_close(context);
    return NULL;
  }
  return context;
}

void rl_close(rl_context *context) {
  lua_close(context->main);
  free(context);
}
