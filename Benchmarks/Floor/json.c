// The floor and the peer of the JSON benchmarks: tables built from tokens that were parsed before, and lua-cjson.
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "Floor.h"

enum kind { STRING, INTEGER, FLOAT, BOOLEAN, NULL_VALUE, ARRAY, OBJECT };

typedef struct {
  enum kind kind;
  size_t count;  // of bytes of a string, of elements, of members
  char *text;
  union {
    lua_Integer integer;
    lua_Number number;
    bool truth;
  };
} token;

struct floor_json {
  lua_State *lua;
  token *tokens;
  size_t count, capacity;
  const char *at;
};

// --- reading a document that is known to be valid

static token *add(floor_json *json, enum kind kind) {
  if (json->count == json->capacity) {
    json->capacity = json->capacity == 0 ? 1024 : json->capacity * 2;
    json->tokens = realloc(json->tokens, json->capacity * sizeof(token));
    if (json->tokens == NULL) abort();
  }
  token *added = &json->tokens[json->count++];
  *added = (token){.kind = kind};
  return added;
}

static void read_string(floor_json *json) {
  const char *start = ++json->at;
  while (*json->at != '"') json->at += *json->at == '\\' ? 2 : 1;
  token *string = add(json, STRING);
  string->text = malloc((size_t)(json->at - start) + 1);
  if (string->text == NULL) abort();
  for (const char *from = start; from < json->at; from++) {
    if (*from == '\\') {
      from++;
      string->text[string->count++] = *from == 'n' ? '\n' : *from == 't' ? '\t' : *from;
    } else {
      string->text[string->count++] = *from;
    }
  }
  json->at++;
}

static void read_value(floor_json *json);

static void read_number(floor_json *json) {
  size_t length = strspn(json->at, "+-0123456789.eE");
  bool is_float = strcspn(json->at, ".eE") < length;
  token *number = add(json, is_float ? FLOAT : INTEGER);
  if (is_float) {
    number->number = strtod(json->at, NULL);
  } else {
    number->integer = strtoll(json->at, NULL, 10);
  }
  json->at += length;
}

static void read_container(floor_json *json, enum kind kind, char end) {
  size_t index = json->count, count = 0;
  add(json, kind);
  json->at++;
  while (*json->at != end) {
    if (kind == OBJECT) {
      read_string(json);
      json->at++;  // the colon
    }
    read_value(json);
    if (*json->at == ',') json->at++;
    count++;
  }
  json->at++;
  json->tokens[index].count = count;
}

static void read_value(floor_json *json) {
  switch (*json->at) {
    case '"':
      read_string(json);
      break;
    case '[':
      read_container(json, ARRAY, ']');
      break;
    case '{':
      read_container(json, OBJECT, '}');
      break;
    case 't':
    case 'f':
      add(json, BOOLEAN)->truth = *json->at == 't';
      json->at += *json->at == 't' ? 4 : 5;
      break;
    case 'n':
      add(json, NULL_VALUE);
      json->at += 4;
      break;
    default:
      read_number(json);
  }
}

// --- building tables from the tokens, each at its exact size

static const token *build(lua_State *lua, const token *next) {
  const token *value = next++;
  switch (value->kind) {
    case STRING:
      lua_pushlstring(lua, value->text, value->count);
      break;
    case INTEGER:
      lua_pushinteger(lua, value->integer);
      break;
    case FLOAT:
      lua_pushnumber(lua, value->number);
      break;
    case BOOLEAN:
      lua_pushboolean(lua, value->truth);
      break;
    case NULL_VALUE:
      lua_pushlightuserdata(lua, NULL);
      break;
    case ARRAY:
      lua_createtable(lua, (int)value->count, 0);
      for (size_t i = 1; i <= value->count; i++) {
        next = build(lua, next);
        lua_rawseti(lua, -2, (lua_Integer)i);
      }
      break;
    case OBJECT:
      lua_createtable(lua, 0, (int)value->count);
      for (size_t i = 0; i < value->count; i++) {
        next = build(lua, next);
        next = build(lua, next);
        lua_rawset(lua, -3);
      }
      break;
  }
  return next;
}

static int build_all(lua_State *lua) {
  const floor_json *json = lua_touserdata(lua, lua_upvalueindex(1));
  lua_checkstack(lua, 1000);
  build(lua, json->tokens);
  return 1;
}

// --- the state in which both run

floor_json *floor_json_open(const char *text) {
  floor_json *json = calloc(1, sizeof(floor_json));
  if (json == NULL) abort();
  json->at = text;
  read_value(json);
  lua_State *lua = json->lua = luaL_newstate();
  if (lua == NULL) abort();
  luaL_openlibs(lua);
  lua_pushstring(lua, text);
  lua_setglobal(lua, "text");
  lua_pushlightuserdata(lua, json);
  lua_pushcclosure(lua, build_all, 1);
  lua_setglobal(lua, "build");
  if (luaL_dostring(lua, "cjson = require('cjson'); value = cjson.decode(text)") != LUA_OK) {
    floor_json_close(json);
    return NULL;
  }
  return json;
}

int64_t floor_json_time(floor_json *json, const char *source) {
  lua_State *lua = json->lua;
  if (luaL_loadstring(lua, source) != LUA_OK) return -1;
  lua_gc(lua, LUA_GCCOLLECT);
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  int status = lua_pcall(lua, 0, 0, 0);
  clock_gettime(CLOCK_MONOTONIC, &end);
  if (status != LUA_OK) return -1;
  return (int64_t)(end.tv_sec - start.tv_sec) * 1000000000 + end.tv_nsec - start.tv_nsec;
}

const char *floor_json_text(floor_json *json, const char *source) {
  lua_State *lua = json->lua;
  lua_settop(lua, 0);
  if (luaL_dostring(lua, source) != LUA_OK) return NULL;
  return lua_tostring(lua, -1);
}

void floor_json_close(floor_json *json) {
  for (size_t i = 0; i < json->count; i++) free(json->tokens[i].text);
  free(json->tokens);
  lua_close(json->lua);
  free(json);
}
