// Swift calls Lua: every entry that may raise runs under lua_pcall or lua_resume, with the memory limit hard again.
#include <string.h>

#include "internal.h"

#include <stdlib.h>
#include <string.h>

typedef struct saved_entry {
  int host_depth;
  lua_State *running;
  rl_context *current;
  rl_context *caller;
} saved_entry;

static saved_entry enter_lua(rl_context *context, lua_State *lua) {
  saved_entry saved = {context->host_depth, context->running, rl_current, context->caller};
  if (rl_current != context) context->caller = rl_current;
  if (context->collect_first) {
    // The buffers of the string library do not make Lua collect when they find no room.
    context->collect_first = false;
    lua_gc(lua, LUA_GCCOLLECT);
  }
  context->host_depth = 0;
  rl_current = context;
  rl_enter(context, lua);
  return saved;
}

static void leave_lua(rl_context *context, saved_entry saved, int status) {
  if (status == LUA_ERRMEM) context->collect_first = true;
  context->running = saved.running;
  rl_current = saved.current;
  context->caller = saved.caller;
  context->host_depth = saved.host_depth;
}

static int load_chunk(lua_State *lua, const char *chunk, size_t length, const char *name, const char *mode) {
  rl_context *context = rl_context_of(lua);
  int depth = context->host_depth;
  context->host_depth = 0;
  int status = luaL_loadbufferx(lua, chunk, length, name, mode);
  context->host_depth = depth;
  return status;
}

int rl_load_text(lua_State *lua, const char *source, size_t length, const char *name) {
  return load_chunk(lua, source, length, name, "t");
}

int rl_load_dump(lua_State *lua, const char *dump, size_t length, const char *name) {
  return load_chunk(lua, dump, length, name, "b");
}

typedef struct dump_buffer {
  char *bytes;
  size_t length;
  size_t capacity;
} dump_buffer;

static int append_to_dump(lua_State *lua, const void *piece, size_t length, void *target) {
  (void)lua;
  dump_buffer *buffer = target;
  if (length > buffer->capacity - buffer->length) {
    size_t capacity = (buffer->length + length) * 2;
    char *bytes = realloc(buffer->bytes, capacity);
    if (bytes == NULL) return 1;
    buffer->bytes = bytes;
    buffer->capacity = capacity;
  }
  memcpy(buffer->bytes + buffer->length, piece, length);
  buffer->length += length;
  return 0;
}

char *rl_dump(lua_State *lua, size_t *length) {
  dump_buffer buffer = {NULL, 0, 0};
  if (lua_dump(lua, append_to_dump, &buffer, 0) != 0) {
    free(buffer.bytes);
    return NULL;
  }
  *length = buffer.length;
  return buffer.bytes;
}

void rl_free_dump(char *dump) { free(dump); }

int rl_call(lua_State *lua, int argument_count, int result_count) {
  rl_context *context = rl_context_of(lua);
  saved_entry saved = enter_lua(context, lua);
  int status = lua_pcall(lua, argument_count, result_count, 0);
  leave_lua(context, saved, status);
  return status;
}

int rl_resume(lua_State *coroutine, int argument_count, int *result_count) {
  rl_context *context = rl_context_of(coroutine);
  lua_State *task = context->task;
  context->task = coroutine;
  context->suspending = false;
  context->is_preempted = false;
  if (context->preempted_thread == coroutine) context->preempted_thread = NULL;
  context->is_preempting = 0;
  context->ticks = 0;
  saved_entry saved = enter_lua(context, coroutine);
  int status = lua_resume(coroutine, NULL, argument_count, result_count);
  leave_lua(context, saved, status);
  context->suspending = false;
  context->task = task;
  return status;
}

static int length_function(lua_State *lua) {
  lua_pushinteger(lua, luaL_len(lua, 1));
  return 1;
}

int rl_length(lua_State *lua, int index) {
  index = lua_absindex(lua, index);
  lua_pushcfunction(lua, length_function);
  lua_pushvalue(lua, index);
  return rl_call(lua, 1, 1);
}

static int field_function(lua_State *lua) {
  lua_gettable(lua, 1);
  return 1;
}

int rl_get_field(lua_State *lua, int index, const char *key, size_t length) {
  index = lua_absindex(lua, index);
  lua_pushcfunction(lua, field_function);
  lua_pushvalue(lua, index);
  lua_pushlstring(lua, key, length);
  return rl_call(lua, 2, 1);
}

static int display_function(lua_State *lua) {
  luaL_tolstring(lua, 1, NULL);
  return 1;
}

int rl_to_display_string(lua_State *lua, int index) {
  index = lua_absindex(lua, index);
  lua_pushcfunction(lua, display_function);
  lua_pushvalue(lua, index);
  return rl_call(lua, 1, 1);
}

// Whether the lines of a chunk are none of a script's: those of the standard library, and of what the host itself compiles.
static bool is_hidden(const char *source) {
  return strcmp(source, "=(refold)") == 0 || strncmp(source, "=stdlib/", 8) == 0;
}

bool rl_where(lua_State *lua, const char **source, size_t *length, int *line) {
  lua_Debug frame;
  for (int level = 0; lua_getstack(lua, level, &frame); level++) {
    if (lua_getinfo(lua, "Sl", &frame) && frame.currentline > 0 && !is_hidden(frame.source)) {
      *source = frame.source;
      *length = frame.srclen;
      bool is_preempted = level == 0 && lua == rl_context_of(lua)->preempted_thread;
      *line = is_preempted ? rl_context_of(lua)->preempted_line : frame.currentline;
      return true;
    }
  }
  return false;
}

const char *rl_called_name(lua_State *lua) {
  lua_Debug frame;
  if (!lua_getstack(lua, 0, &frame) || !lua_getinfo(lua, "n", &frame)) return NULL;
  return frame.name;
}
