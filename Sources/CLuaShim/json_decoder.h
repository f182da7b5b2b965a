// What a decode is made of, less the containers: its limits, strings and keys.
#pragma once

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
  json_learned *learned;  // NULL for a small text that comes first: nothing is predicted
  int key_depths;     // how deep keys are predicted
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
  json_short *known = &reader->learned->shorts[index];
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
  if (reader->depth > reader->key_depths || key >= KEY_WIDTH) return -1;
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
  json_key *key = &reader->learned->predicted[index];
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
  const json_key *key = &reader->learned->predicted[index];
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
