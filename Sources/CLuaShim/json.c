// The markers by which arrays, objects and null survive a round trip through JSON, and what JSON keeps for a state.
#include "json_internal.h"

static const char keys_key;
static const char array_key;
static const char object_key;
static const char error_key;

static void make_marker(lua_State *lua, const void *key, const char *name) {
  lua_createtable(lua, 0, 1);
  lua_pushstring(lua, name);
  lua_setfield(lua, -2, "__name");
  lua_rawsetp(lua, LUA_REGISTRYINDEX, key);
}

static int null_text(lua_State *lua) {
  if (lua_touserdata(lua, 1) == NULL) {
    lua_pushliteral(lua, "null");
  } else {
    lua_pushliteral(lua, "userdata");
  }
  return 1;
}

// All light userdata of a state share one metatable; JSON's null is the only one that scripts meet.
static void open_null(lua_State *lua) {
  lua_pushlightuserdata(lua, NULL);
  lua_createtable(lua, 0, 3);
  lua_pushcfunction(lua, null_text);
  lua_setfield(lua, -2, "__tostring");
  lua_pushliteral(lua, "null");
  lua_setfield(lua, -2, "__name");
  lua_pushboolean(lua, 0);
  lua_setfield(lua, -2, "__metatable");
  lua_setmetatable(lua, -2);
  lua_pop(lua, 1);
}

static int error_text(lua_State *lua) {
  lua_settop(lua, 1);
  if (lua_type(lua, 1) == LUA_TTABLE) {
    lua_pushliteral(lua, "message");
    lua_rawget(lua, 1);
  }
  if (lua_type(lua, -1) != LUA_TSTRING) lua_pushliteral(lua, "JSON error");
  return 1;
}

void rl_push_json_error_metatable(lua_State *lua) {
  if (lua_rawgetp(lua, LUA_REGISTRYINDEX, &error_key) != LUA_TNIL) return;
  lua_pop(lua, 1);
  lua_createtable(lua, 0, 3);
  lua_pushcfunction(lua, error_text);
  lua_setfield(lua, -2, "__tostring");
  lua_pushliteral(lua, "json.Error");
  lua_setfield(lua, -2, "__name");
  lua_pushboolean(lua, 0);
  lua_setfield(lua, -2, "__metatable");
  lua_pushvalue(lua, -1);
  lua_rawsetp(lua, LUA_REGISTRYINDEX, &error_key);
}

void rl_open_json_markers(lua_State *lua) {
  make_marker(lua, &array_key, "array");
  make_marker(lua, &object_key, "object");
  open_null(lua);
}

// Scripts reach a marker with getmetatable, so that copying a table with its metatable keeps the mark. They must not
// smuggle in a finalizer, which setmetatable refuses: it would run where no interrupt can reach it.
static void push_marker(lua_State *lua, const void *key) {
  lua_rawgetp(lua, LUA_REGISTRYINDEX, key);
  lua_pushliteral(lua, "__gc");
  if (lua_rawget(lua, -2) != LUA_TNIL) {
    lua_pushliteral(lua, "__gc");
    lua_pushnil(lua);
    lua_rawset(lua, -4);
  }
  lua_pop(lua, 1);
}

void rl_push_array_marker(lua_State *lua) { push_marker(lua, &array_key); }
void rl_push_object_marker(lua_State *lua) { push_marker(lua, &object_key); }

// --- what is kept for a state

rl_json *rl_json_of(lua_State *lua) {
  rl_context *context = rl_context_of(lua);
  if (RL_LIKELY(context->json != NULL)) return context->json;
  rl_json *json = calloc(1, sizeof *json);
  if (json == NULL) return NULL;
  context->json = json;
  rl_push_array_marker(lua);
  json->array_marker = lua_topointer(lua, -1);
  rl_push_object_marker(lua);
  json->object_marker = lua_topointer(lua, -1);
  lua_pop(lua, 2);
  return json;
}

void rl_close_json(rl_context *context) {
  rl_json *json = context->json;
  if (json == NULL) return;
  free(json->frames.bytes);
  free(json->walk.bytes);
  free(json->scratch.bytes);
  free(json->input.bytes);
  free(json->output.bytes);
  free(json->keys.bytes);
  free(json->index.open.bytes);
  free(json->index.waiting.bytes);
  free(json->index.containers.bytes);
  free(json->index.values.bytes);
  free(json->index.keys.bytes);
  free(json->index.ends.bytes);
  free(json->learned);
  free(json);
}

void rl_json_push_keys(lua_State *lua) {
  if (lua_rawgetp(lua, LUA_REGISTRYINDEX, &keys_key) != LUA_TNIL) return;
  lua_pop(lua, 1);
  lua_createtable(lua, KEY_DEPTHS * KEY_WIDTH, 0);
  lua_pushvalue(lua, -1);
  lua_rawsetp(lua, LUA_REGISTRYINDEX, &keys_key);
}

bool rl_json_reserve(json_buffer *buffer, size_t bytes) {
  if (RL_LIKELY(bytes <= buffer->capacity)) return true;
  size_t capacity = buffer->capacity * 2;
  if (capacity < 1024) capacity = 1024;
  if (capacity < bytes) capacity = bytes;
  void *moved = realloc(buffer->bytes, capacity);
  if (moved == NULL) return false;
  buffer->bytes = moved;
  buffer->capacity = capacity;
  return true;
}
