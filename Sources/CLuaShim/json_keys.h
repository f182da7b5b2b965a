// Which keys the table has that is written: of an array none but 1 to n, of an object none but strings, sorted when that is asked.
#pragma once

#include "json_writer.h"

// Why the key at a position cannot be where it is.
static bool fail_key(encoder *writer, int position) {
  walk_frame *open = writer->frame;
  bool is_array = open->order == ARRAY || open->order == INDEXED;
  if (open->shape == MARKED_ARRAY) return fail(writer, RL_JSON_ARRAY_KEY, 0);
  int type = lua_type(writer->lua, position);
  if (!lua_isinteger(writer->lua, position) || type != LUA_TNUMBER) {
    return fail(writer, is_array && type == LUA_TSTRING ? RL_JSON_MIXED : RL_JSON_KEY_TYPE, type);
  }
  // The first key decides what an unmarked table is taken for.
  if (open->shape == UNMARKED && !is_array) return fail(writer, RL_JSON_MIXED, 0);
  return fail(writer, RL_JSON_INTEGER_KEY, lua_tointeger(writer->lua, position));
}

// Counts the elements of a table whose keys are exactly 1 to n, and fails for any other.
static bool count_elements(encoder *writer) {
  walk_frame *open = writer->frame;
  lua_State *lua = writer->lua;
  lua_Integer count = 0, largest = 0;
  lua_pushnil(lua);
  while (lua_next(lua, open->slot)) {
    lua_pop(lua, 1);
    if (!lua_isinteger(lua, -1)) return fail_key(writer, -1);
    lua_Integer key = lua_tointeger(lua, -1);
    if (key < 1) {
      return open->shape == MARKED_ARRAY ? fail(writer, RL_JSON_ARRAY_KEY, 0) : fail(writer, RL_JSON_INTEGER_KEY, key);
    }
    count++;
    if (key > largest) largest = key;
  }
  open->count = count;
  if (count == largest) return true;
  if (open->shape == UNMARKED && lua_rawgeti(lua, open->slot, 1) == LUA_TNIL) {
    return fail(writer, RL_JSON_INTEGER_KEY, largest);
  }
  lua_Integer missing = 1;
  while (lua_rawgeti(lua, open->slot, missing) != LUA_TNIL) {
    lua_pop(lua, 1);
    missing++;
  }
  return fail(writer, RL_JSON_HOLE, missing);
}

static int compare_keys(const void *first, const void *second) {
  const sorted_key *a = first, *b = second;
  int order = memcmp(a->bytes, b->bytes, a->length < b->length ? a->length : b->length);
  return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

// The keys stay where they are: nothing is collected during a sorted encode.
static bool sort_keys(encoder *writer) {
  walk_frame *open = writer->frame;
  lua_State *lua = writer->lua;
  open->first_key = writer->sorted_count;
  open->order = SORTED;
  lua_settop(lua, open->slot);
  lua_pushnil(lua);
  while (lua_next(lua, open->slot)) {
    lua_pop(lua, 1);
    if (lua_type(lua, -1) != LUA_TSTRING) return fail_key(writer, -1);
    if (!rl_json_reserve(&writer->json->keys, (writer->sorted_count + 1) * sizeof(sorted_key))) {
      return fail(writer, RL_JSON_SIZE, 0);
    }
    sorted_key *key = (sorted_key *)writer->json->keys.bytes + writer->sorted_count++;
    key->bytes = lua_tolstring(lua, -1, &key->length);
  }
  size_t count = writer->sorted_count - open->first_key;
  open->count = (lua_Integer)count;
  if (count > 1) qsort((sorted_key *)writer->json->keys.bytes + open->first_key, count, sizeof(sorted_key), compare_keys);
  return true;
}
