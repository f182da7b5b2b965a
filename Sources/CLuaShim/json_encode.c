// Lua values to JSON text: a walk without recursion and without metamethods.
//
// Stack of an open container: its table, the key of the child being written, and on top the child. The text grows in memory
// that belongs to the state, so that an error may jump out of here.
#include "json_writer.h"

// --- keys

// Why the key at a position cannot be where it is.
static bool fail_key(encoder *writer, int position) {
  walk_frame *open = &writer->frame;
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
  walk_frame *open = &writer->frame;
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
  walk_frame *open = &writer->frame;
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

// --- containers

static bool reserve_stack(encoder *writer, int height) {
  if (height + 8 <= writer->reserved) return true;
  if (!lua_checkstack(writer->lua, 64)) return fail(writer, RL_JSON_DEPTH, 0);
  writer->reserved = height + 64;
  return true;
}

static int shape_of(encoder *writer) {
  if (!lua_getmetatable(writer->lua, -1)) return UNMARKED;
  const void *metatable = lua_topointer(writer->lua, -1);
  lua_pop(writer->lua, 1);
  if (metatable == writer->json->array_marker) return MARKED_ARRAY;
  return metatable == writer->json->object_marker ? MARKED_OBJECT : UNMARKED;
}

static bool push_frame(encoder *writer, walk_frame opened) {
  json_buffer *frames = &writer->json->walk;
  if (!rl_json_reserve(frames, ((size_t)writer->depth + 2) * sizeof(walk_frame))) return fail(writer, RL_JSON_SIZE, 0);
  ((walk_frame *)frames->bytes)[writer->depth++] = writer->frame;
  writer->frame = opened;
  return true;
}

static bool is_cycle(const encoder *writer, const void *table) {
  const walk_frame *frames = writer->json->walk.bytes;
  if (writer->frame.table == table) return writer->depth > 0;
  for (int index = 1; index < writer->depth; index++) {
    if (frames[index].table == table) return true;
  }
  return false;
}

// Begins the table on top of the stack; an empty one is written at once.
static __attribute__((noinline)) bool open(encoder *writer) {
  lua_State *lua = writer->lua;
  if (writer->context->interrupt != RL_NOT_INTERRUPTED) return fail(writer, RL_JSON_STOPPED, 0);
  walk_frame opened = {.table = lua_topointer(lua, -1), .slot = writer->frame.slot + 2};
  if (is_cycle(writer, opened.table)) return fail(writer, RL_JSON_CYCLE, 0);
  if (writer->depth >= writer->options.maximum_depth) return fail(writer, RL_JSON_DEPTH, 0);
  if (!reserve_stack(writer, opened.slot) || !reserve(writer, 2)) return false;
  opened.shape = shape_of(writer);
  lua_pushnil(lua);
  if (!lua_next(lua, opened.slot)) {
    put_literal(writer, opened.shape == MARKED_ARRAY ? "[]" : "{}", 2);
    lua_pop(lua, 1);
    return true;
  }
  bool is_array = opened.shape == MARKED_ARRAY || (opened.shape == UNMARKED && lua_type(lua, -2) == LUA_TNUMBER);
  opened.order = is_array ? ARRAY : OBJECT;
  if (is_array) writer->has_records = !writer->options.is_pretty;
  if (!push_frame(writer, opened)) return false;
  if (!is_array && writer->options.sorts_keys && !sort_keys(writer)) return false;
  put(writer, is_array ? '[' : '{');
  return true;
}

static bool close_container(encoder *writer) {
  walk_frame *open = &writer->frame;
  bool is_array = open->order == ARRAY || open->order == INDEXED;
  if (open->order == SORTED) writer->sorted_count = open->first_key;
  *open = ((walk_frame *)writer->json->walk.bytes)[--writer->depth];
  if (writer->options.is_pretty && !put_line(writer, writer->depth)) return false;
  if (!reserve(writer, 1)) return false;
  put(writer, is_array ? ']' : '}');
  lua_pop(writer->lua, 1);
  return true;
}

// Writes the value on top of the stack and pops it; opens it when it is a table.
RL_INLINE bool value(encoder *writer) {
  lua_State *lua = writer->lua;
  int type = lua_type(lua, -1);
  if (RL_LIKELY(type == LUA_TSTRING)) {
    if (!put_text(writer, -1, RL_JSON_TEXT)) return false;
  } else if (type == LUA_TTABLE) {
    return open(writer);
  } else if (type == LUA_TNUMBER) {
    if (!put_number(writer)) return false;
  } else if (type == LUA_TUSERDATA && rl_json_is_view(lua, -1)) {
    // A new table may have the keys of a freed one at the same address.
    memset(writer->written_count, 0, sizeof writer->written_count);
    if (!rl_json_copy_view(lua, -1)) return fail(writer, RL_JSON_SIZE, 0);
    lua_replace(lua, -2);
    return open(writer);
  } else {
    if (!reserve(writer, 8)) return false;
    if (type == LUA_TBOOLEAN) {
      bool is_true = lua_toboolean(lua, -1);
      put_literal(writer, is_true ? "true" : "false", is_true ? 4 : 5);
    } else if (type == LUA_TNIL || (type == LUA_TLIGHTUSERDATA && lua_touserdata(lua, -1) == NULL)) {
      put_literal(writer, "null", 4);
    } else {
      return fail(writer, RL_JSON_TYPE, type);
    }
  }
  lua_pop(lua, 1);
  return true;
}

// Counts a child, and writes what stands before it.
RL_INLINE bool begin(encoder *writer) {
  lua_Integer index = ++writer->frame.index;
  if (RL_UNLIKELY((index & 1023) == 0) && writer->context->interrupt != RL_NOT_INTERRUPTED) {
    return fail(writer, RL_JSON_STOPPED, 0);
  }
  if (!reserve(writer, 1)) return false;
  if (index > 1) put(writer, ',');
  return !writer->options.is_pretty || put_line(writer, writer->depth);
}

enum step { DONE, NEXT, FAILED };

// Pushes the next element of an array with its key below it; after the last one the table is on top.
static inline enum step element(encoder *writer) {
  walk_frame *open = &writer->frame;
  lua_State *lua = writer->lua;
  if (open->order == ARRAY) {
    // The first entry is on the stack since the container was opened.
    if (open->index > 0 && !lua_next(lua, open->slot)) return DONE;
    if (RL_LIKELY(lua_isinteger(lua, -2) && lua_tointeger(lua, -2) == open->index + 1)) return NEXT;
    lua_settop(lua, open->slot);
    if (!count_elements(writer)) return FAILED;
    open->order = INDEXED;
    lua_pushnil(lua);
  }
  if (open->index == open->count) {
    lua_settop(lua, open->slot);
    return DONE;
  }
  if (lua_rawgeti(lua, open->slot, open->index + 1) != LUA_TNIL) return NEXT;
  fail(writer, RL_JSON_CHANGED, 0);
  return FAILED;
}

// Writes the key below the top, and what stands before and behind it.
static __attribute__((noinline)) bool put_key(encoder *writer, written_key *known) {
  if (lua_type(writer->lua, -2) != LUA_TSTRING) return fail_key(writer, -2);
  size_t offset = (size_t)(writer->out - (uint8_t *)writer->json->output.bytes);
  if (!begin(writer) || !put_text(writer, -2, RL_JSON_KEY_TEXT) || !reserve(writer, 2)) return false;
  put(writer, ':');
  if (writer->options.is_pretty) put(writer, ' ');
  if (known == NULL) return true;
  size_t length = (size_t)(writer->out - (uint8_t *)writer->json->output.bytes) - offset;
  bool is_short = length <= WRITTEN_BYTES;
  *known = (written_key){.key = is_short ? lua_topointer(writer->lua, -2) : NULL, .offset = offset, .length = length};
  return true;
}

// Writes the next member of an object that is walked by lua_next, up to its value.
RL_INLINE enum step member(encoder *writer) {
  walk_frame *open = &writer->frame;
  lua_State *lua = writer->lua;
  if (open->index > 0 && !lua_next(lua, open->slot)) return DONE;
  written_key *known = NULL;
  int depth = writer->depth - 1;
  // An object that was begun before the first array is no record: its first keys are not known.
  if (writer->has_records && depth < WRITTEN_DEPTHS && open->index < WRITTEN_WIDTH &&
      open->index <= writer->written_count[depth]) {
    known = &writer->written[depth][open->index];
    if (open->index == writer->written_count[depth]) {
      *known = (written_key){0};
      writer->written_count[depth]++;
    }
    // The object before had the same key here: its text is copied with all around it.
    if (known->key != NULL && RL_LIKELY(known->key == lua_topointer(lua, -2))) {
      if (!reserve(writer, WRITTEN_BYTES)) return FAILED;
      const uint8_t *text = (uint8_t *)writer->json->output.bytes + known->offset;
      rl_block first = rl_load_block(text), second = rl_load_block(text + 16);  // both, as they may overlap the target
      memcpy(writer->out, &first, 16);
      memcpy(writer->out + 16, &second, 16);
      writer->out += known->length;
      open->index++;
      return NEXT;
    }
  }
  return put_key(writer, known) ? NEXT : FAILED;
}

static enum step sorted_member(encoder *writer) {
  walk_frame *open = &writer->frame;
  lua_State *lua = writer->lua;
  lua_settop(lua, open->slot);
  if (open->index == open->count) return DONE;
  sorted_key key = ((sorted_key *)writer->json->keys.bytes)[open->first_key + (size_t)open->index];
  lua_pushlstring(lua, key.bytes, key.length);
  lua_pushvalue(lua, -1);
  if (lua_rawget(lua, open->slot) == LUA_TNIL) {
    fail(writer, RL_JSON_CHANGED, 0);
    return FAILED;
  }
  return put_key(writer, NULL) ? NEXT : FAILED;
}

RL_INLINE enum step child(encoder *writer) {
  switch (writer->frame.order) {
    case OBJECT: return member(writer);
    case SORTED: return sorted_member(writer);
    default: {
      enum step step = element(writer);
      return step != NEXT || begin(writer) ? step : FAILED;
    }
  }
}

static bool write_all(encoder *writer) {
  if (!grow(writer, 0) || !value(writer)) return false;
  while (writer->depth > 0) {
    switch (child(writer)) {
      case NEXT:
        if (RL_UNLIKELY(!value(writer))) return false;
        break;
      case DONE:
        if (RL_UNLIKELY(!close_container(writer))) return false;
        break;
      case FAILED: return false;
    }
  }
  if (writer->options.is_pretty) {
    if (!reserve(writer, 1)) return false;
    put(writer, '\n');
  }
  size_t length = (size_t)(writer->out - (uint8_t *)writer->json->output.bytes);
  writer->json->output_length = length;
  return length <= writer->options.maximum_bytes || fail(writer, RL_JSON_SIZE, 0);
}

rl_json_value_fault rl_json_encode(lua_State *lua, rl_json_writing options) {
  rl_json *json = lua_checkstack(lua, 64) ? rl_json_of(lua) : NULL;
  if (json == NULL) return (rl_json_value_fault){.problem = RL_JSON_SIZE};
  encoder writer;  // most of it is initialized when it is used
  writer.lua = lua;
  writer.context = rl_context_of(lua);
  writer.json = json;
  writer.options = options;
  writer.out = json->output.bytes;
  writer.limit = writer.out;
  writer.frame = (walk_frame){.slot = lua_gettop(lua) - 2};  // as if the value were a child
  writer.depth = 0;
  writer.reserved = writer.frame.slot + 64;
  writer.has_records = false;
  writer.sorted_count = 0;
  writer.problem = RL_JSON_OK;
  writer.detail = 0;
  memset(writer.written_count, 0, sizeof writer.written_count);
  write_all(&writer);
  json->depth = writer.depth;
  if (writer.depth > 0) ((walk_frame *)json->walk.bytes)[writer.depth] = writer.frame;
  return (rl_json_value_fault){.problem = writer.problem, .detail = writer.detail};
}

rl_json_level rl_json_encode_level(lua_State *lua, int level) {
  const walk_frame *open = (const walk_frame *)rl_context_of(lua)->json->walk.bytes + level + 1;
  bool is_array = open->order == ARRAY || open->order == INDEXED;
  return (rl_json_level){.is_array = is_array, .index = open->index, .key_slot = open->slot + 1};
}

int rl_json_encode_depth(lua_State *lua) { return rl_context_of(lua)->json->depth; }

const uint8_t *rl_json_encoded(lua_State *lua, size_t *length) {
  rl_json *json = rl_context_of(lua)->json;
  *length = json->output_length;
  return json->output.bytes;
}

void rl_json_end_encode(lua_State *lua) {
  rl_json *json = rl_context_of(lua)->json;
  if (json == NULL) return;
  rl_json_trim(&json->output);
  rl_json_trim(&json->walk);
  rl_json_trim(&json->keys);
}
