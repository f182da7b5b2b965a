// What an index is made of, less the containers: its parts, scalars and lists of keys.
#pragma once

#include "json_ends.h"

typedef struct open_container {
  uint32_t start;  // of its text
  uint32_t base;   // where its children begin among those that wait
  uint32_t keys;   // the list that it has followed so far
  uint32_t next;   // the key that is expected next
  uint32_t under;  // the key under which it is, or under which the array is that it is in
  uint32_t shared; // how many of its keys were as in the list before it left that
  bool is_object;
  bool has_own;    // it has left the list: its keys wait too, each before its value
} open_container;

typedef struct indexer {
  json_text text;
  lua_State *lua;
  rl_context *context;
  rl_json *json;
  json_ends ends;
  json_place *waiting, *limit;  // where the next child goes, and up to where there is room
  json_key_place *keys;
  json_container *containers;
  json_place *values;
  uint32_t container_count, value_count, key_count;
  uint32_t container_capacity, value_capacity;
  open_container *open;       // the innermost one; below the outermost one is one that stands for none
  int depth, maximum_depth;
  uint32_t under;             // the key of the value that is read
} indexer;

// The first keys: one that stands for the text itself, then a list without keys, which expects nothing.
enum { KEY_OF_TEXT, NO_KEYS, FIRST_KEYS };

static inline const uint8_t *fail(indexer *reader, int problem, const uint8_t *place) {
  return json_fail(&reader->text, problem, place);
}

static inline uint32_t offset(const indexer *reader, const uint8_t *place) { return (uint32_t)(place - reader->text.start); }

// --- room

static __attribute__((noinline)) bool grow(indexer *reader, json_buffer *buffer, size_t bytes) {
  const json_index_buffers *all = &reader->json->index;
  size_t total = all->waiting.capacity + all->ends.capacity + all->containers.capacity + all->values.capacity + all->keys.capacity + bytes;
  // It is outside Lua, but becomes a block of Lua's when all is read.
  if (rl_has_memory(reader->lua, total) && rl_json_reserve(buffer, bytes)) return true;
  return fail(reader, RL_JSON_MEMORY, reader->text.start) != NULL;
}

static inline bool reserve(indexer *reader, json_buffer *buffer, size_t bytes) {
  return RL_LIKELY(bytes <= buffer->capacity) || grow(reader, buffer, bytes);
}

static inline json_place *first_waiting(const indexer *reader) { return reader->json->index.waiting.bytes; }

// Makes room for so many children that wait.
static __attribute__((noinline)) bool reserve_waiting(indexer *reader, size_t count) {
  json_buffer *buffer = &reader->json->index.waiting;
  size_t waiting = reader->waiting == NULL ? 0 : (size_t)(reader->waiting - first_waiting(reader));
  if (!reserve(reader, buffer, (waiting + count) * sizeof(json_place))) return false;
  reader->waiting = first_waiting(reader) + waiting;
  reader->limit = first_waiting(reader) + buffer->capacity / sizeof(json_place);
  return true;
}

static inline bool wait_for_close(indexer *reader, json_place child) {
  if (RL_UNLIKELY(reader->waiting == reader->limit) && !reserve_waiting(reader, 1)) return false;
  *reader->waiting++ = child;
  return true;
}

static inline uint32_t count_waiting(const indexer *reader) {
  return (uint32_t)(reader->waiting - first_waiting(reader)) - reader->open->base;
}

// Makes room for so many open containers, and one that stands for none.
static inline bool reserve_open(indexer *reader, size_t depth) {
  json_buffer *buffer = &reader->json->index.open;
  if (RL_LIKELY(buffer->capacity >= (depth + 1) * sizeof(open_container))) return true;
  if (!rl_json_reserve(buffer, (depth + 1) * sizeof(open_container))) return fail(reader, RL_JSON_MEMORY, reader->text.start) != NULL;
  reader->open = (open_container *)buffer->bytes + (depth > 0 ? depth - 1 : 0);
  return true;
}

// Whether another container may be opened without more ado.
static inline bool may_open(const indexer *reader) {
  return reader->depth < reader->maximum_depth && reader->context->interrupt == RL_NOT_INTERRUPTED &&
         reader->json->index.open.capacity >= ((size_t)reader->depth + 2) * sizeof(open_container);
}

// --- scalars: each returns the place behind it, or NULL

// Reads a string; `place` becomes where it is.
static __attribute__((noinline)) const uint8_t *text(indexer *reader, const uint8_t *quote, json_place *place) {
  const uint8_t *base = reader->text.start;
  bool is_high = false;
  const uint8_t *end = base + rl_end_of_plain_text(base, (size_t)(quote + 1 - base), (size_t)(reader->text.end - base), &is_high);
  uint32_t escapes = 0;
  if (RL_UNLIKELY(end == reader->text.end)) return fail(reader, RL_JSON_OPEN_TEXT, quote);
  if (RL_UNLIKELY(*end != '"')) {
    size_t length;
    end = rl_json_unescape(&reader->text, quote, end, is_high, &reader->json->scratch, &length);
    if (end == NULL) return NULL;
    end--;
    escapes = JSON_ESCAPES;
  } else if (RL_UNLIKELY(is_high) && !json_check_utf8(&reader->text, quote + 1, end)) {
    return NULL;
  }
  *place = json_make_place(offset(reader, quote), offset(reader, end) | escapes);
  return end + 1;
}

static __attribute__((noinline)) const uint8_t *number(indexer *reader, const uint8_t *place) {
  json_number read;
  json_value value;
  if (!rl_json_read_number(&reader->text, place, &read)) return NULL;
  bool may_be_too_large = read.count + read.exponent > 308;
  if (may_be_too_large && !rl_json_round_number(&reader->text, &read, false, &value)) return NULL;
  return read.end;
}

static inline const uint8_t *literal(indexer *reader, const uint8_t *place) {
  size_t left = (size_t)(reader->text.end - place);
  if (left >= 4 && (memcmp(place, "null", 4) == 0 || memcmp(place, "true", 4) == 0)) return place + 4;
  if (left >= 5 && memcmp(place, "false", 5) == 0) return place + 5;
  return fail(reader, RL_JSON_EXPECTED_VALUE, place);
}

static inline const uint8_t *scalar(indexer *reader, const uint8_t *start, json_place *place) {
  *place = offset(reader, start);
  switch (*start) {
    case '"': return text(reader, start, place);
    case '-':
    case '0' ... '9': return number(reader, start);
    default: return literal(reader, start);
  }
}

static inline bool is_bracket(uint8_t byte) { return (byte | 0x20) == '{'; }

// --- lists of keys

// Whether the bytes at two places are the same, as far as there are bits for them.
RL_INLINE bool is_same(const uint8_t *first, const uint8_t *second, uint32_t mask) {
  typedef uint8_t wide_block __attribute__((vector_size(32)));
  typedef bool bits_of_block __attribute__((ext_vector_type(32)));
  wide_block blocks[2];
  memcpy(&blocks[0], first, sizeof blocks[0]);
  memcpy(&blocks[1], second, sizeof blocks[1]);
  bits_of_block same = __builtin_convertvector(blocks[0] == blocks[1], bits_of_block);
  uint32_t bits;
  memcpy(&bits, &same, sizeof bits);
  return (~bits & mask) == 0;
}

// Whether what is expected before the next member's value stands at a place, behind which there are ends.
RL_INLINE bool is_expected(const json_text *text, const json_key_place *key, const uint8_t *place) {
  const uint8_t *known = text->start + key->before;
  if (RL_LIKELY(key->length > 0)) return is_same(known, place, key->mask);
  ptrdiff_t length = -(ptrdiff_t)key->length;
  return length > 0 && text->end - place > length && memcmp(known, place, (size_t)length) == 0;
}

// Moves on in the list to the key that is read, when it is near; returns whether it is the next one.
static inline bool find_expected(indexer *reader, json_place read) {
  enum { FURTHEST = 8 };
  const uint8_t *base = reader->text.start;
  uint32_t length = json_end(read) - json_start(read);
  for (uint32_t number = reader->open->next; number < reader->open->next + FURTHEST; number++) {
    json_place key = reader->keys[number].key;
    if (key == 0) break;
    if (json_end(key) - json_start(key) != length) continue;
    if (memcmp(base + json_start(key), base + json_start(read), length & ~JSON_ESCAPES) != 0) continue;
    bool is_next = number == reader->open->next;
    reader->under = number;
    reader->open->next = number + 1;
    return is_next;
  }
  // Only the first member has no comma before it: what stands before the first key is expected nowhere else.
  if (reader->open->next == reader->open->keys && reader->keys[reader->open->next].key != 0) reader->open->next++;
  reader->under = KEY_OF_TEXT;
  return false;
}

// Leaves the list: from now on the keys wait with their values.
static bool leave_list(indexer *reader) {
  uint32_t count = count_waiting(reader);
  if (!reserve_waiting(reader, count)) return false;
  json_place *children = first_waiting(reader) + reader->open->base;
  for (uint32_t number = count; number-- > 0;) {
    children[2 * number + 1] = children[number];
    children[2 * number] = reader->keys[reader->open->keys + number].key;
  }
  reader->waiting += count;
  reader->open->shared = count;
  reader->open->has_own = true;
  return true;
}

static json_key_place describe_key(const indexer *reader, json_place key, json_place value) {
  const uint8_t *start = reader->text.start + json_start(key), *before = start;
  json_key_place described = {.key = key, .keys = NO_KEYS};
  uint32_t value_start = json_start(value);
  if ((value_start & JSON_CONTAINER) != 0) {
    const json_container *containers = reader->json->index.containers.bytes;
    const json_container *container = &containers[value_start & ~JSON_CONTAINER];
    value_start = container->start;
    if (container->keys != 0) described.keys = container->keys;
  }
  while (before[-1] == ' ' || before[-1] == '\n' || before[-1] == '\r' || before[-1] == '\t') before--;
  if (before[-1] == ',') before--;
  uint32_t length = value_start - offset(reader, before);
  if (length <= 32) {
    described.mask = (uint32_t)((UINT64_C(1) << length) - 1);
    described.length = (int32_t)length;
  } else if (length <= 1024) {
    described.length = -(int32_t)length;
  }
  described.before = offset(reader, before);
  return described;
}
