// Lua values to JSON text: a walk without recursion and without metamethods.
//
// Stack of an open container: its table, the key of the child being written, and on top the child. The text grows in memory
// that belongs to the state, so that an error may jump out of here.
#include "json_keys.h"

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

static bool reserve_frames(encoder *writer, size_t count) {
  json_buffer *frames = &writer->json->walk;
  if (RL_LIKELY(count * sizeof(walk_frame) <= frames->capacity)) return true;
  if (!rl_json_reserve(frames, count * sizeof(walk_frame))) return fail(writer, RL_JSON_SIZE, 0);
  writer->frame = (walk_frame *)frames->bytes + writer->depth;
  return true;
}

static bool is_cycle(const encoder *writer, const void *table) {
  for (const walk_frame *open = writer->frame; open > (walk_frame *)writer->json->walk.bytes; open--) {
    if (open->table == table) return true;
  }
  return false;
}

// Begins the table on top of the stack; an empty one is written at once.
static __attribute__((noinline)) bool open(encoder *writer) {
  lua_State *lua = writer->lua;
  if (writer->context->interrupt != RL_NOT_INTERRUPTED) return fail(writer, RL_JSON_STOPPED, 0);
  const void *table = lua_topointer(lua, -1);
  int slot = writer->frame->slot + 2;
  if (is_cycle(writer, table)) return fail(writer, RL_JSON_CYCLE, 0);
  if (writer->depth >= writer->options.maximum_depth) return fail(writer, RL_JSON_DEPTH, 0);
  if (!reserve_stack(writer, slot) || !reserve(writer, 2) || !reserve_frames(writer, (size_t)writer->depth + 2)) return false;
  int shape = shape_of(writer);
  lua_pushnil(lua);
  if (!lua_next(lua, slot)) {
    put_literal(writer, shape == MARKED_ARRAY ? "[]" : "{}", 2);
    lua_settop(lua, slot - 1);
    return true;
  }
  bool is_array = shape == MARKED_ARRAY || (shape == UNMARKED && lua_type(lua, -2) == LUA_TNUMBER);
  if (writer->depth > 0 && writer->frame->order == ARRAY) writer->has_records = !writer->options.is_pretty;
  writer->depth++;
  *++writer->frame = (walk_frame){.table = table, .slot = slot, .shape = shape, .order = is_array ? ARRAY : OBJECT};
  if (!is_array && writer->options.sorts_keys && !sort_keys(writer)) return false;
  put(writer, is_array ? '[' : '{');
  return true;
}

static bool close_container(encoder *writer) {
  walk_frame *open = writer->frame;
  bool is_array = open->order == ARRAY || open->order == INDEXED;
  if (open->order == SORTED) writer->sorted_count = open->first_key;
  writer->frame--;
  writer->depth--;
  if (writer->options.is_pretty && !put_line(writer, writer->depth)) return false;
  if (!reserve(writer, 1)) return false;
  put(writer, is_array ? ']' : '}');
  lua_pop(writer->lua, 1);
  return true;
}

// Opens the table on top of the stack, or that which a view there shows; fails for anything else.
static __attribute__((noinline)) bool open_value(encoder *writer, int type) {
  lua_State *lua = writer->lua;
  if (type == LUA_TTABLE) return open(writer);
  if (!rl_json_is_view(lua, -1)) return fail(writer, RL_JSON_TYPE, type);
  // A new table may have the keys of a freed one at the same address.
  writer->written_depths = 0;
  if (!rl_json_copy_view(lua, -1)) return fail(writer, RL_JSON_SIZE, 0);
  lua_replace(lua, -2);
  return open(writer);
}

// Writes the number, boolean or null on top of the stack; fails for anything else.
static __attribute__((noinline)) bool put_scalar(encoder *writer, int type) {
  lua_State *lua = writer->lua;
  if (type == LUA_TNUMBER) return put_number(writer);
  if (!reserve(writer, 8)) return false;
  if (type == LUA_TBOOLEAN) {
    bool is_true = lua_toboolean(lua, -1);
    put_literal(writer, is_true ? "true" : "false", is_true ? 4 : 5);
  } else if (type == LUA_TNIL || (type == LUA_TLIGHTUSERDATA && lua_touserdata(lua, -1) == NULL)) {
    put_literal(writer, "null", 4);
  } else {
    return fail(writer, RL_JSON_TYPE, type);
  }
  return true;
}

enum step { DONE, NEXT, OPENED, FAILED };

// Writes the value on top of the stack and pops it; opens it when it is a container.
RL_INLINE enum step value(encoder *writer) {
  lua_State *lua = writer->lua;
  int type = lua_type(lua, -1);
  if (RL_LIKELY(type == LUA_TSTRING)) {
    uint8_t *out = put_text(writer, writer->out, -1, RL_JSON_TEXT);
    if (out == NULL) return FAILED;
    writer->out = out;
  } else if (type == LUA_TTABLE || type == LUA_TUSERDATA) {
    return open_value(writer, type) ? OPENED : FAILED;
  } else if (!put_scalar(writer, type)) {
    return FAILED;
  }
  lua_settop(lua, -2);
  return NEXT;
}

// Counts a child, and writes what stands before it.
RL_INLINE bool begin(encoder *writer) {
  lua_Integer index = ++writer->frame->index;
  if (RL_UNLIKELY((index & 1023) == 0) && writer->context->interrupt != RL_NOT_INTERRUPTED) {
    return fail(writer, RL_JSON_STOPPED, 0);
  }
  if (!reserve(writer, 1)) return false;
  if (index > 1) put(writer, ',');
  return !writer->options.is_pretty || put_line(writer, writer->depth);
}

// Makes room for what stands before a member, and looks for an interrupt now and then.
RL_INLINE bool check_member(encoder *writer, lua_Integer index) {
  if (RL_UNLIKELY(writer->out > writer->limit) && !grow(writer, 0)) return false;
  if (RL_LIKELY((index & 1023) != 0 || writer->context->interrupt == RL_NOT_INTERRUPTED)) return true;
  return fail(writer, RL_JSON_STOPPED, 0);
}

// Pushes the next element of an array with its key below it; after the last one the table is on top.
static inline enum step element(encoder *writer) {
  walk_frame *open = writer->frame;
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

// Writes the key below the top, and what stands before and behind it. Returns where the text goes on, or NULL.
RL_INLINE uint8_t *put_key(encoder *writer, uint8_t *out, bool is_first) {
  if (RL_UNLIKELY(lua_type(writer->lua, -2) != LUA_TSTRING)) {
    fail_key(writer, -2);
    return NULL;
  }
  if (!is_first) *out++ = ',';
  if (RL_UNLIKELY(writer->options.is_pretty)) {
    writer->out = out;
    if (!put_line(writer, writer->depth)) return NULL;
    out = writer->out;
  }
  out = put_text(writer, out, -2, RL_JSON_KEY_TEXT);
  if (out == NULL) return NULL;
  *out++ = ':';
  if (writer->options.is_pretty) *out++ = ' ';
  return out;
}

static const char no_key;

// Writes the same and remembers it.
static __attribute__((noinline)) uint8_t *put_new_key(encoder *writer, uint8_t *out, bool is_first, written_key *known) {
  size_t offset = (size_t)(out - (uint8_t *)writer->json->output.bytes);
  out = put_key(writer, out, is_first);
  if (out == NULL) return NULL;
  const uint8_t *text = (uint8_t *)writer->json->output.bytes + offset;
  known->length = (size_t)(out - text);
  known->key = known->length <= WRITTEN_BYTES ? lua_topointer(writer->lua, -2) : &no_key;
  memcpy(known->text, text, WRITTEN_BYTES);  // with what is behind it
  return out;
}

// Where the keys of the innermost object are remembered; NULL when it is no record.
static written_key *written_keys(encoder *writer) {
  int depth = writer->depth - 1;
  if (!writer->has_records || depth >= WRITTEN_DEPTHS) return NULL;
  for (; writer->written_depths <= depth; writer->written_depths++) {
    for (int index = 0; index < WRITTEN_WIDTH; index++) writer->written[writer->written_depths][index].key = &no_key;
  }
  return writer->written[depth];
}

// Writes members as long as their keys are those that the object before had in their places.
RL_INLINE enum step known_members(encoder *writer, written_key *known, const written_key *end) {
  lua_State *lua = writer->lua;
  const int slot = writer->frame->slot;
  const written_key *first = known;
  enum step step = NEXT;
  uint8_t *out = writer->out;
  while (known < end && known->key == lua_topointer(lua, -2)) {
    if (RL_UNLIKELY(out > writer->limit)) {
      writer->out = out;
      if (!grow(writer, 0)) return FAILED;
      out = writer->out;
    }
    memcpy(out, known->text, WRITTEN_BYTES);
    out += known++->length;
    int type = lua_type(lua, -1);
    if (RL_LIKELY(type == LUA_TSTRING)) {
      out = put_text(writer, out, -1, RL_JSON_TEXT);
      if (out == NULL) return FAILED;
    } else {
      writer->out = out;
      if (type == LUA_TTABLE || type == LUA_TUSERDATA) {
        writer->frame->index += known - first;
        return open_value(writer, type) ? OPENED : FAILED;
      }
      if (!put_scalar(writer, type)) return FAILED;
      out = writer->out;
    }
    lua_settop(lua, -2);
    if (!lua_next(lua, slot)) {
      step = DONE;
      break;
    }
  }
  writer->out = out;
  writer->frame->index += known - first;
  return step;
}

// Writes the members of an object that is walked by lua_next: up to its end, which closes it, or up to a container, which it
// opens.
static bool members(encoder *writer) {
  lua_State *lua = writer->lua;
  written_key *keys = written_keys(writer);
  // The first entry is on the stack since the container was opened.
  if (writer->frame->index > 0 && !lua_next(lua, writer->frame->slot)) return close_container(writer);
  enum step step;
  do {
    lua_Integer index = writer->frame->index;
    if (keys != NULL && index < WRITTEN_WIDTH) {
      step = known_members(writer, keys + index, keys + WRITTEN_WIDTH);
      if (step != NEXT) break;
      index = writer->frame->index;
    }
    if (!check_member(writer, index + 1)) return false;
    written_key *known = keys != NULL && index < WRITTEN_WIDTH ? keys + index : NULL;
    uint8_t *out = known == NULL ? put_key(writer, writer->out, index == 0)
                                 : put_new_key(writer, writer->out, index == 0, known);
    if (out == NULL) return false;
    writer->out = out;
    writer->frame->index = index + 1;
    step = value(writer);
  } while (step == NEXT && lua_next(lua, writer->frame->slot));
  return step == OPENED || (step != FAILED && close_container(writer));
}

static enum step sorted_member(encoder *writer) {
  walk_frame *open = writer->frame;
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
  if (!check_member(writer, ++open->index)) return FAILED;
  uint8_t *out = put_key(writer, writer->out, open->index == 1);
  if (out == NULL) return FAILED;
  writer->out = out;
  return NEXT;
}

// Writes the children of the innermost container: up to its end, which closes it, or up to a container, which is opened.
static bool children(encoder *writer) {
  if (writer->frame->order == OBJECT) return members(writer);
  enum step step;
  do {
    if (writer->frame->order == SORTED) {
      step = sorted_member(writer);
    } else {
      step = element(writer);
      if (step == NEXT && !begin(writer)) step = FAILED;
    }
    if (step == NEXT) step = value(writer);
  } while (step == NEXT);
  return step == DONE ? close_container(writer) : step == OPENED;
}

static bool write_all(encoder *writer) {
  if (!grow(writer, 0) || value(writer) == FAILED) return false;
  while (writer->depth > 0) {
    if (RL_UNLIKELY(!children(writer))) return false;
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
  writer.depth = 0;
  writer.has_records = false;
  writer.sorted_count = 0;
  writer.problem = RL_JSON_OK;
  writer.detail = 0;
  writer.written_depths = 0;
  if (reserve_frames(&writer, 8)) {
    writer.frame = json->walk.bytes;
    *writer.frame = (walk_frame){.slot = lua_gettop(lua) - 2};  // as if the value were a child
    writer.reserved = writer.frame->slot + 64;
    write_all(&writer);
  }
  json->depth = writer.depth;
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
