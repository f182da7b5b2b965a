// Opening and closing a state, and the allocator that counts and limits its memory.
#include "blocks.h"

#include <stdlib.h>
#include <string.h>

// The libraries of a fresh state fill most of the nursery: it is given out from front to back, never reused, and freed with
// the state. That saves some two hundred calls of malloc and free a state.
static bool is_in_nursery(const rl_context *context, const void *block) {
  uintptr_t address = (uintptr_t)block;
  uintptr_t start = (uintptr_t)context->nursery;
  return address >= start && address < start + RL_NURSERY_BYTES;
}

static void *allocate_in_nursery(rl_context *context, size_t size) {
  size_t rounded = (size + 15) & ~(size_t)15;
  if (rounded > RL_NURSERY_BYTES - context->nursery_used) return NULL;
  void *block = context->nursery + context->nursery_used;
  context->nursery_used += rounded;
  return block;
}

static void release(rl_context *context, void *block) {
  if (is_in_nursery(context, block)) return;
  if (rl_is_block(block)) {
    rl_release_block(&context->blocks, block);
  } else {
    free(block);
  }
}

static bool comes_from_pages(const rl_context *context, size_t size) {
  return rl_is_small(size) && context->bytes_used >= RL_BLOCKS_FROM_BYTES;
}

static void *obtain(rl_context *context, size_t size) {
  if (comes_from_pages(context, size)) return rl_allocate_block(&context->blocks, size);
  void *fresh = size <= 1024 ? allocate_in_nursery(context, size) : NULL;
  return fresh != NULL ? fresh : malloc(size);
}

static void *resize(rl_context *context, void *block, size_t old_size, size_t new_size) {
  if (block == NULL) return obtain(context, new_size);
  if (is_in_nursery(context, block)) {
    if (new_size <= old_size) return block;
  } else if (!rl_is_block(block) && !comes_from_pages(context, new_size)) {
    return realloc(block, new_size);
  }
  void *moved = obtain(context, new_size);
  if (moved == NULL) return NULL;
  memcpy(moved, block, old_size < new_size ? old_size : new_size);
  release(context, block);
  return moved;
}

static void *allocate(void *user_data, void *block, size_t old_size, size_t new_size) {
  rl_context *context = user_data;
  if (block == NULL) old_size = 0;  // Lua passes a type tag there
  if (new_size == 0) {
    if (block != NULL) release(context, block);
    context->bytes_used -= old_size;
    return NULL;
  }
  if (new_size > old_size && context->bytes_used - old_size + new_size > context->bytes_limit) {
    if (context->host_depth == 0) return NULL;
    context->over_limit = true;
  }
  void *moved = resize(context, block, old_size, new_size);
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
  rl_context *context = malloc(sizeof *context + RL_NURSERY_BYTES);
  if (context == NULL) return NULL;
  memset(context, 0, sizeof *context);
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
  rl_close_json(context);
  rl_free_blocks(&context->blocks);
  free(context);
}
