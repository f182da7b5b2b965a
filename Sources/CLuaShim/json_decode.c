// JSON text to Lua values: a single pass, with no tree of values between.
//
// The children of an open container wait on the Lua stack; at its closing bracket the table is made at its exact size and
// filled from there. Containers with very many children are emptied into their table batch by batch. An object whose first key
// is that of the object before it at the same depth gets its table at once, as large as that one's.
//
// Called from Lua, running out of memory jumps; called from Swift, where the limit is relaxed, it is a fault. Nothing here
// owns memory outside Lua, save what belongs to the state.
#include "json_internal.h"

typedef struct frame {
  int slot;         // of the table on the Lua stack; nil until there is one
  int waiting;      // children on the stack, and how many wait at most
  int batch;
  int keys;         // that were read
  size_t stored;    // children in the table, and how many it has room for
  size_t capacity;
  bool is_object, has_table, is_direct;
} frame;

typedef struct decoder {
  json_text text;
  lua_State *lua;
  rl_context *context;
  rl_json *json;
  rl_json_reading options;
  frame frame;        // the innermost open container
  int depth;
  int height;         // of the Lua stack, and up to where there is room
  int reserved;
  int marker, keys;   // slots: what marks arrays (nil until there is one), and the table of predicted keys
  int first_key, first_short;  // slots with copies of predicted keys and of short strings; 0 in a small text
  int misses;         // of short strings, less their hits
} decoder;

enum { LEAST_BYTES = 2048, MOST_MISSES = 512 };

// --- limits

static inline const uint8_t *fail(decoder *reader, int problem, const uint8_t *place) {
  return json_fail(&reader->text, problem, place);
}

static bool reserve_memory(decoder *reader, size_t bytes, const uint8_t *place) {
  if (rl_has_memory(reader->lua, bytes)) return true;
  fail(reader, RL_JSON_MEMORY, place);
  return false;
}

// Collects garbage when the relaxed limit was passed, and gives up when that does not help.
static bool settle_memory(decoder *reader, const uint8_t *place) {
  if (RL_LIKELY(!reader->context->over_limit)) return true;
  reader->context->over_limit = false;
  // Room for more than a few values, or each of them would collect again.
  return reserve_memory(reader, reader->context->bytes_limit / 64, place);
}

static bool reserve_stack(decoder *reader, const uint8_t *place) {
  if (RL_LIKELY(reader->height + 8 <= reader->reserved)) return true;
  if (!lua_checkstack(reader->lua, 64)) {
    fail(reader, RL_JSON_DEPTH, place);
    return false;
  }
  reader->reserved = reader->height + 64;
  return true;
}

static bool poll_interrupt(decoder *reader, const uint8_t *place) {
  if (RL_LIKELY(reader->context->interrupt == RL_NOT_INTERRUPTED)) return true;
  fail(reader, RL_JSON_STOPPED, place);
  return false;
}

// Makes sure that the table may grow as much as it must for so many children more.
static bool reserve_growth(decoder *reader, size_t count, const uint8_t *place) {
  frame *open = &reader->frame;
  size_t total = open->stored + count;
  if (total < open->capacity) return true;
  // Lua grows a table to a power of two, and the old one is there until the new one is filled.
  open->capacity = (size_t)1 << (64 - __builtin_clzll(total | 1));
  return reserve_memory(reader, open->capacity * (open->is_object ? 40 : 16), place);
}

// --- strings

static bool push_bytes(decoder *reader, const uint8_t *bytes, size_t length, const uint8_t *place) {
  if (length > 1 << 15 && !reserve_memory(reader, length, place)) return false;
  lua_pushlstring(reader->lua, (const char *)bytes, length);
  reader->height++;
  return settle_memory(reader, place);
}

// Pushes a string of 1 to 16 bytes, by the one that was pushed before when it is the same: many fields have few values.
static bool push_short(decoder *reader, const uint8_t *bytes, size_t length) {
  json_short wanted = {.length = (uint32_t)length, .text = reader->json->text};
  if (length >= 8) {
    wanted.first = rl_load_word(bytes);
    wanted.last = rl_load_word(bytes + length - 8);
  } else {
    for (size_t index = 0; index < length; index++) wanted.first = wanted.first << 8 | bytes[index];
  }
  uint64_t hash = (wanted.first ^ (wanted.last * 31 + length)) * UINT64_C(0x9E3779B97F4A7C15);
  unsigned index = (unsigned)(hash >> 57);
  json_short *known = &reader->json->shorts[index];
  if (known->first == wanted.first && known->last == wanted.last && known->length == wanted.length &&
      known->text == wanted.text) {
    lua_pushvalue(reader->lua, reader->first_short + (int)index);
    reader->height++;
    reader->misses--;
    return true;
  }
  *known = (json_short){0};  // the push may jump
  lua_pushlstring(reader->lua, (const char *)bytes, length);
  lua_copy(reader->lua, -1, reader->first_short + (int)index);
  *known = wanted;
  reader->height++;
  reader->misses++;
  return true;
}

static const uint8_t *escaped_text(decoder *reader, const uint8_t *quote, const uint8_t *plain, bool is_high) {
  json_buffer *scratch = &reader->json->scratch;
  size_t length;
  const uint8_t *end = rl_json_unescape(&reader->text, quote, plain, is_high, scratch, &length);
  if (end == NULL || !push_bytes(reader, scratch->bytes, length, quote)) return NULL;
  return end;
}

// Pushes the string whose opening quote is at a place, and returns the place after the closing one.
static inline const uint8_t *text(decoder *reader, const uint8_t *quote, bool is_value) {
  const uint8_t *start = quote + 1, *base = reader->text.start;
  bool is_high = false;
  const uint8_t *end = base + rl_end_of_plain_text(base, (size_t)(start - base), (size_t)(reader->text.end - base), &is_high);
  if (RL_UNLIKELY(end == reader->text.end)) return fail(reader, RL_JSON_OPEN_TEXT, quote);
  if (RL_UNLIKELY(*end != '"')) return escaped_text(reader, quote, end, is_high);
  if (RL_UNLIKELY(is_high) && !json_check_utf8(&reader->text, start, end)) return NULL;
  size_t length = (size_t)(end - start);
  if (is_value && length - 1 < 16 && reader->first_short != 0 && reader->misses < MOST_MISSES) {
    return push_short(reader, start, length) ? end + 1 : NULL;
  }
  return push_bytes(reader, start, length, quote) ? end + 1 : NULL;
}

// --- keys

// Returns the index of the next key's prediction, or -1.
static inline int key_index(const decoder *reader, int key) {
  if (reader->depth > KEY_DEPTHS || key >= KEY_WIDTH) return -1;
  return (reader->depth - 1) * KEY_WIDTH + key;
}

// Whether the text at a place, behind the opening quote, is a key that was predicted.
static inline bool is_predicted(const decoder *reader, const json_key *key, const uint8_t *place) {
  if (key->length == 0) return false;
  if (RL_LIKELY(reader->text.end - place >= KEY_BYTES)) {
    uint32_t different = rl_top_bits((rl_block)(rl_load_block(place) != rl_load_block(key->text)));
    if (key->length > 16) {
      different |= rl_top_bits((rl_block)(rl_load_block(place + 16) != rl_load_block(key->text + 16))) << 16;
    }
    return (different & (uint32_t)((UINT64_C(1) << key->length) - 1)) == 0;
  }
  return reader->text.end - place >= key->length && memcmp(place, key->text, key->length) == 0;
}

static void learn(decoder *reader, int index, const uint8_t *start, const uint8_t *end) {
  json_key *key = &reader->json->predicted[index];
  key->length = 0;
  size_t length = (size_t)(end - start);
  if (length >= KEY_BYTES || memchr(start, '\\', length) != NULL) return;
  lua_pushvalue(reader->lua, -1);
  lua_rawseti(reader->lua, reader->keys, index + 1);
  if (reader->first_key != 0) lua_copy(reader->lua, -1, reader->first_key + index);
  memcpy(key->text, start, length);
  key->length = (uint8_t)length;
}

static const uint8_t *key_text(decoder *reader, const uint8_t *quote) {
  int index = key_index(reader, reader->frame.keys++);
  if (index < 0) return text(reader, quote, false);
  const json_key *key = &reader->json->predicted[index];
  if (RL_LIKELY(is_predicted(reader, key, quote + 1))) {
    if (reader->first_key != 0) {
      lua_pushvalue(reader->lua, reader->first_key + index);
    } else {
      lua_rawgeti(reader->lua, reader->keys, index + 1);
    }
    reader->height++;
    return quote + 1 + key->length;
  }
  const uint8_t *end = text(reader, quote, false);
  if (end != NULL) learn(reader, index, quote + 1, end);
  return end;
}

// Pushes a key, and returns the place of its value.
static inline const uint8_t *key(decoder *reader, const uint8_t *place) {
  if (RL_UNLIKELY(*place != '"')) return fail(reader, RL_JSON_EXPECTED_KEY, place);
  const uint8_t *end = key_text(reader, place);
  if (end == NULL) return NULL;
  end = json_skip_space(end);
  if (RL_UNLIKELY(*end != ':')) return fail(reader, RL_JSON_EXPECTED_COLON, end);
  return json_skip_space(end + 1);
}

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
      is_predicted(reader, &reader->json->predicted[index], place + 1)) {
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
    if (reader->json->predicted[index].length == 0) continue;
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
  const uint8_t *start = options.is_open ? with_zero_byte(json, text, length) : text;
  if (start == NULL) return memory;
  decoder reader = {.text = {.start = start, .end = start + length}, .lua = lua, .context = rl_context_of(lua),
                    .json = json, .options = options, .marker = base + 1, .keys = base + 2, .height = base + 2};
  json->text++;
  for (int depth = 0; depth < KEY_DEPTHS; depth++) json->shapes[depth].is_unsteady = false;
  lua_pushnil(lua);
  rl_json_push_keys(lua);
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
