// JSON text to Lua values: a single pass, with no tree of values between.
//
// The children of an open container wait on the Lua stack; at its closing bracket the table is made at its exact size and
// filled from there. Containers with very many children are emptied into their table batch by batch. An object whose first key
// is that of the object before it at the same depth gets its table at once, as large as that one's.
//
// Called from Lua, running out of memory jumps; called from Swift, where the limit is relaxed, it is a fault. Nothing here
// owns memory outside Lua, save what belongs to the state.
#include "json_decoder.h"

// --- containers

static bool push_frame(decoder *reader) {
  json_buffer *frames = &reader->json->frames;
  if (!rl_json_reserve(frames, ((size_t)reader->depth + 1) * sizeof(frame))) return false;
  ((frame *)frames->bytes)[reader->depth++] = reader->frame;
  return true;
}

static bool open(decoder *reader, bool is_object, const uint8_t *place) {
  if (reader->depth >= reader->options.maximum_depth) {
    fail(reader, RL_JSON_DEPTH, place);
    return false;
  }
  if (!poll_interrupt(reader, place) || !reserve_stack(reader, place)) return false;
  if (!push_frame(reader)) {
    fail(reader, RL_JSON_MEMORY, place);
    return false;
  }
  reader->height++;
  // What waits is bounded at any depth: 16 levels of 1024, and 16 in each below fit Lua's million slots.
  int batch = (reader->depth <= 16 ? 1024 : 16) / (is_object ? 2 : 1);
  reader->frame = (frame){.slot = reader->height, .is_object = is_object, .batch = batch};
  return true;
}

// Makes the table of the object that was opened, or leaves its place empty when its size is not known.
static void begin_object(decoder *reader, const uint8_t *place) {
  frame *open = &reader->frame;
  int index = key_index(reader, 0);
  if (index >= 0 && !reader->json->shapes[reader->depth - 1].is_unsteady && *place == '"' &&
      is_predicted(reader, &reader->learned->predicted[index], place + 1)) {
    open->capacity = (size_t)reader->json->shapes[reader->depth - 1].members;
  }
  open->is_direct = open->has_table = open->capacity > 0;
  if (open->is_direct) {
    lua_createtable(reader->lua, 0, (int)open->capacity);
  } else {
    lua_pushnil(reader->lua);
  }
}

static inline int power_of_two(size_t count) { return count <= 1 ? 0 : 64 - __builtin_clzll(count - 1); }

// Remembers the size of an object. One that is much smaller than its table moves to another.
static void learn_size(decoder *reader) {
  frame *open = &reader->frame;
  if (reader->depth > KEY_DEPTHS) return;
  size_t expected = (size_t)reader->json->shapes[reader->depth - 1].members;
  if (open->stored == expected) return;
  reader->json->shapes[reader->depth - 1].members = open->keys <= KEY_WIDTH ? open->keys : 0;
  if (!open->is_direct || power_of_two(open->stored) == power_of_two(expected)) return;
  reader->json->shapes[reader->depth - 1].is_unsteady = true;
  if (open->stored > expected) return;
  lua_State *lua = reader->lua;
  lua_createtable(lua, 0, (int)open->stored);
  lua_pushnil(lua);
  while (lua_next(lua, open->slot)) {
    lua_pushvalue(lua, -2);
    lua_insert(lua, -2);
    lua_rawset(lua, -4);
  }
  lua_replace(lua, open->slot);
}

// Moves the waiting children into the table, which is made with the given room when there is none.
static void empty(decoder *reader, size_t room) {
  frame *open = &reader->frame;
  lua_State *lua = reader->lua;
  int slot = open->slot, count = open->waiting;
  if (!open->has_table) {
    lua_createtable(lua, open->is_object ? 0 : (int)room, open->is_object ? (int)room : 0);
    lua_replace(lua, slot);
    open->has_table = true;
  }
  if (open->is_object) {
    // In the order of the text, so that of equal keys the last one wins.
    for (int child = slot + 1; child < slot + 1 + 2 * count; child += 2) {
      lua_pushvalue(lua, child);
      lua_pushvalue(lua, child + 1);
      lua_rawset(lua, slot);
    }
    lua_settop(lua, slot);
  } else {
    for (lua_Integer index = (lua_Integer)open->stored + count; count > 0; count--) lua_rawseti(lua, slot, index--);
  }
  open->stored += (size_t)open->waiting;
  open->waiting = 0;
  reader->height = slot;
}

static void mark_array(decoder *reader) {
  if (lua_isnil(reader->lua, reader->marker)) {
    rl_push_array_marker(reader->lua);
    lua_replace(reader->lua, reader->marker);
  }
  lua_pushvalue(reader->lua, reader->marker);
  lua_setmetatable(reader->lua, reader->frame.slot);
}

// Finishes the innermost container and leaves its table on top of the stack.
static const uint8_t *close_container(decoder *reader, const uint8_t *place) {
  frame *open = &reader->frame;
  if (!open->is_direct) {
    if (open->has_table && !reserve_growth(reader, (size_t)open->waiting, place)) return NULL;
    empty(reader, (size_t)open->waiting);
  }
  if (open->is_object) {
    learn_size(reader);
  } else {
    mark_array(reader);
  }
  if (!settle_memory(reader, place)) return NULL;
  *open = ((frame *)reader->json->frames.bytes)[--reader->depth];
  return place + 1;
}

// Counts a child that is complete, and stores it when there is already a table, or when enough of them wait.
static inline bool add_child(decoder *reader, const uint8_t *place) {
  frame *open = &reader->frame;
  if (open->is_direct) {
    lua_rawset(reader->lua, open->slot);
    reader->height = open->slot;
    if (RL_LIKELY((++open->stored & 31) != 0)) return true;
    return poll_interrupt(reader, place) && reserve_growth(reader, 32, place);
  }
  if (RL_LIKELY(++open->waiting < open->batch)) return reserve_stack(reader, place);
  if (*place != ',') return true;  // the last one: the table is made at its exact size
  if (!poll_interrupt(reader, place) || !reserve_growth(reader, (size_t)open->waiting, place)) return false;
  empty(reader, open->capacity);
  return true;
}

// --- values

static const uint8_t *number(decoder *reader, const uint8_t *place) {
  json_number read;
  json_value value;
  if (!rl_json_read_number(&reader->text, place, &read)) return NULL;
  if (!rl_json_round_number(&reader->text, &read, reader->options.keeps_digits, &value)) return NULL;
  if (value.kind == JSON_DIGITS) {
    return push_bytes(reader, read.start, (size_t)(read.end - read.start), place) ? read.end : NULL;
  }
  if (value.kind == JSON_INTEGER) {
    lua_pushinteger(reader->lua, value.integer);
  } else {
    lua_pushnumber(reader->lua, value.number);
  }
  reader->height++;
  return read.end;
}

static const uint8_t *literal(decoder *reader, const uint8_t *place) {
  size_t left = (size_t)(reader->text.end - place);
  reader->height++;
  if (left >= 4 && memcmp(place, "null", 4) == 0) {
    lua_pushlightuserdata(reader->lua, NULL);
    return place + 4;
  }
  if (left >= 4 && memcmp(place, "true", 4) == 0) {
    lua_pushboolean(reader->lua, true);
    return place + 4;
  }
  if (left >= 5 && memcmp(place, "false", 5) == 0) {
    lua_pushboolean(reader->lua, false);
    return place + 5;
  }
  return fail(reader, RL_JSON_EXPECTED_VALUE, place);
}

// Reads a value up to its end, or containers up to their first child, whose place it returns.
static inline const uint8_t *value(decoder *reader, const uint8_t *place) {
  while (place != NULL) {
    switch (*place) {
      case '"': return text(reader, place, true);
      case '{':
        if (!open(reader, true, place)) return NULL;
        place = json_skip_space(place + 1);
        begin_object(reader, place);
        if (*place == '}') return close_container(reader, place);
        place = key(reader, place);
        break;
      case '[':
        if (!open(reader, false, place)) return NULL;
        lua_pushnil(reader->lua);
        place = json_skip_space(place + 1);
        if (*place == ']') return close_container(reader, place);
        break;
      case '-':
      case '0' ... '9': return number(reader, place);
      default: return literal(reader, place);
    }
  }
  return NULL;
}

// Goes on after a complete value: closes what ends there. Returns the place of the next child, or NULL after the outermost
// value, whose end is `*end`, and after a problem.
static inline const uint8_t *follow(decoder *reader, const uint8_t *place, const uint8_t **end) {
  while (reader->depth > 0 && place != NULL) {
    place = json_skip_space(place);
    bool is_object = reader->frame.is_object;
    if (RL_UNLIKELY(!add_child(reader, place))) return NULL;
    if (*place == ',') {
      place = json_skip_space(place + 1);
      return is_object ? key(reader, place) : place;
    }
    if (RL_UNLIKELY(*place != (is_object ? '}' : ']'))) {
      return fail(reader, is_object ? RL_JSON_EXPECTED_MEMBER : RL_JSON_EXPECTED_ELEMENT, place);
    }
    place = close_container(reader, place);
  }
  *end = place;
  return NULL;
}

static void read_text(decoder *reader) {
  const uint8_t *place = reader->text.start, *end = NULL;
  if (reader->text.end - place >= 3 && memcmp(place, "\xEF\xBB\xBF", 3) == 0) {
    fail(reader, RL_JSON_BYTE_ORDER_MARK, place);
    return;
  }
  place = json_skip_space(place);
  do {
    place = value(reader, place);
    if (place != NULL) place = follow(reader, place, &end);
  } while (place != NULL);
  if (end == NULL || end == reader->text.end) return;
  end = json_skip_space(end);
  if (end != reader->text.end) fail(reader, RL_JSON_TRAILING, end);
}

// --- the whole text

// Makes room for copies of predicted keys and of short strings, which a large text wins back.
static bool prepare_slots(decoder *reader) {
  if (reader->text.end - reader->text.start < LEAST_BYTES) return true;
  const int count = KEY_DEPTHS * KEY_WIDTH + VALUE_SLOTS;
  if (!lua_checkstack(reader->lua, count + 64)) return false;
  reader->first_key = reader->height + 1;
  reader->first_short = reader->first_key + KEY_DEPTHS * KEY_WIDTH;
  reader->height += count;
  lua_settop(reader->lua, reader->height);
  for (int index = 0; index < KEY_DEPTHS * KEY_WIDTH; index++) {
    if (reader->learned->predicted[index].length == 0) continue;
    lua_rawgeti(reader->lua, reader->keys, index + 1);
    lua_replace(reader->lua, reader->first_key + index);
  }
  return true;
}

static const uint8_t *with_zero_byte(rl_json *json, const uint8_t *text, size_t length) {
  if (!rl_json_reserve(&json->input, length + 1)) return NULL;
  uint8_t *copy = json->input.bytes;
  if (length > 0) memcpy(copy, text, length);
  copy[length] = 0;
  return copy;
}

rl_json_fault rl_json_decode(lua_State *lua, const uint8_t *text, size_t length, rl_json_reading options) {
  rl_json_fault memory = {.problem = RL_JSON_MEMORY};
  if (!lua_checkstack(lua, 80)) return memory;
  int base = lua_gettop(lua);
  rl_json *json = rl_json_of(lua);
  if (json == NULL) return memory;
  // A run whose only answer is small does not pay for what would speed up the next one.
  if (RL_UNLIKELY(json->learned == NULL) && (json->text > 0 || length >= LEAST_BYTES)) {
    json->learned = calloc(1, sizeof *json->learned);
    if (json->learned == NULL) return memory;
  }
  const uint8_t *start = options.is_open ? with_zero_byte(json, text, length) : text;
  if (start == NULL) return memory;
  decoder reader = {.text = {.start = start, .end = start + length}, .lua = lua, .context = rl_context_of(lua),
                    .json = json, .learned = json->learned, .options = options, .marker = base + 1, .keys = base + 2,
                    .height = base + 2};
  reader.key_depths = json->learned == NULL ? 0 : KEY_DEPTHS;
  json->text++;
  for (int depth = 0; depth < KEY_DEPTHS; depth++) json->shapes[depth].is_unsteady = false;
  lua_pushnil(lua);
  if (json->learned == NULL) {
    lua_pushnil(lua);
  } else {
    rl_json_push_keys(lua);
  }
  if (!prepare_slots(&reader)) return memory;
  reader.reserved = reader.height + 56;
  read_text(&reader);
  rl_json_trim(&json->frames);
  rl_json_trim(&json->scratch);
  rl_json_trim(&json->input);
  if (reader.text.problem == RL_JSON_OK) {
    lua_replace(lua, base + 1);
    lua_settop(lua, base + 1);
  }
  return (rl_json_fault){.problem = reader.text.problem,
                         .offset = reader.text.problem == RL_JSON_OK ? 0 : (size_t)(reader.text.place - start)};
}
