// Shared by the json files of this target only.
#pragma once

#include "internal.h"
#include "json_text.h"

#include <stdlib.h>

// Memory that outlives a jump: it belongs to the state and is used again by the next call.
typedef struct json_buffer {
  void *bytes;
  size_t capacity;
} json_buffer;

enum {
  KEY_DEPTHS = 6,      // keys are predicted so deep
  KEY_WIDTH = 24,      // and so many of each object
  KEY_BYTES = 32,      // that have fewer bytes than this, with their closing quote
  VALUE_SLOTS = 128,   // short strings of a text that may come again
  BUFFER_KEPT = 256 * 1024,  // what a call leaves for the next one
};

// A key as it was read before in its place: its bytes and the closing quote.
typedef struct json_key {
  uint8_t text[KEY_BYTES];
  uint8_t length;  // 0 for none
} json_key;

// A string of 1 to 16 bytes that was read before, as two words.
typedef struct json_short {
  uint64_t first, last;
  uint32_t length, text;  // of which text it is
} json_short;

// What a decode has learned from those before it; most of what is kept.
typedef struct json_learned {
  json_key predicted[KEY_DEPTHS * KEY_WIDTH];
  json_short shorts[VALUE_SLOTS];
} json_learned;

// What an index is made of before its size is known.
typedef struct json_index_buffers {
  json_buffer open;        // the open containers
  json_buffer waiting;     // the children of open containers
  json_buffer containers;
  json_buffer values;
  json_buffer keys;
  json_buffer ends;        // of strings
} json_index_buffers;

// What the JSON functions keep for a state; made by the first call.
typedef struct rl_json {
  const void *array_marker, *object_marker;
  json_buffer frames;     // the open containers of a decode
  json_buffer walk;       // the open containers of an encode
  json_buffer scratch;    // a string without its escapes
  json_buffer input;      // a text with a zero byte behind it
  json_buffer output;     // the text of an encode
  json_buffer keys;       // the keys of a sorted encode
  json_index_buffers index;
  size_t output_length;
  int depth;              // how many frames are open after a failed encode
  uint32_t text;          // counts the decodes
  struct {
    int members;          // that the object before had, 0 for unknown
    bool is_unsteady;     // whether objects of this text differ in size
  } shapes[KEY_DEPTHS];
  json_learned *learned;  // NULL until a large text or a second one is decoded
} rl_json;

// Returns what is kept for a state, or NULL when the machine is out of memory. Needs four free slots.
rl_json *rl_json_of(lua_State *lua);

// Makes a buffer at least so large, and keeps what is in it. Returns false when the machine is out of memory.
bool rl_json_reserve(json_buffer *buffer, size_t bytes);

// Gives back what is too large to keep.
static inline void rl_json_trim(json_buffer *buffer) {
  if (RL_LIKELY(buffer->capacity <= BUFFER_KEPT)) return;
  free(buffer->bytes);
  *buffer = (json_buffer){0};
}

// Pushes the table of predicted keys. Needs two free slots.
void rl_json_push_keys(lua_State *lua);

// json_view.c
bool rl_json_is_view(lua_State *lua, int position);

// Pushes a plain table of all that a view shows; returns false, with the stack in any state above it, when that fails.
bool rl_json_copy_view(lua_State *lua, int position);

// Pushes the same for the view at the bottom of the stack, or raises; returns 1.
int rl_json_make_copy(lua_State *lua);

// json_string.c
// Returns the offset of the first byte that is not UTF-8, or `length`.
size_t rl_json_invalid_utf8(const uint8_t *text, size_t length);

// Returns how many bytes the sequence has that begins with a byte above 127, 0 when it is not well-formed.
size_t rl_json_sequence_length(const uint8_t *place, size_t left);

// A text that is being read, and why that ended early. The byte at `end` can be read, and is none that JSON goes on with.
typedef struct json_text {
  const uint8_t *start, *end;
  int problem;           // RL_JSON_OK as long as all is well
  const uint8_t *place;  // of the problem
} json_text;

static inline const uint8_t *json_fail(json_text *text, int problem, const uint8_t *place) {
  text->problem = problem;
  text->place = place;
  return NULL;
}

// Reads the string whose opening quote is at `quote` into `scratch`, without its escapes. `plain` is where its first byte is that
// does not stand for itself, NULL when that was not looked for. Returns the place after the closing quote, or NULL.
const uint8_t *rl_json_unescape(json_text *text, const uint8_t *quote, const uint8_t *plain, bool is_high,
                                json_buffer *scratch, size_t *length);

// Checks the escapes of a string that is UTF-8 without control characters and has its closing quote at `end`. Returns false with
// a problem.
bool rl_json_check_escapes(json_text *text, const uint8_t *quote, const uint8_t *end);

// Whether a string without escapes is UTF-8; looks only when it has bytes above 127.
static inline bool json_check_utf8(json_text *text, const uint8_t *start, const uint8_t *end) {
  size_t length = (size_t)(end - start), valid = rl_json_invalid_utf8(start, length);
  if (valid == length) return true;
  json_fail(text, RL_JSON_UTF8, start + valid);
  return false;
}

static inline const uint8_t *json_skip_space(const uint8_t *place) {
  while (*place <= ' ' && (*place == ' ' || *place == '\n' || *place == '\r' || *place == '\t')) place++;
  return place;
}

// json_number.c
typedef struct json_number {
  const uint8_t *start, *end;
  uint64_t digits;  // all of them as an integer, exact up to 19
  int64_t count;    // how many there are
  int64_t exponent; // the power of ten by which they count
  bool is_negative, is_integer;
} json_number;

typedef struct json_value {
  enum { JSON_INTEGER, JSON_FLOAT, JSON_DIGITS } kind;
  union {
    lua_Integer integer;
    lua_Number number;
  };
} json_value;

// Reads the number at a place, which holds a digit or a minus sign. Returns false with a problem.
bool rl_json_read_number(json_text *text, const uint8_t *place, json_number *number);

// Rounds a number: integers that fit 64 bits are exact, save -0, all else is the nearest double. Returns false with a problem.
bool rl_json_round_number(json_text *text, const json_number *number, bool keeps_digits, json_value *value);

// json_index.c
// A value or a key of an indexed text: the low half is where it begins, the high half of a string where its closing quote is. One
// word, because what is written as two cannot be read as one before it has reached the cache.
typedef uint64_t json_place;

enum : uint32_t {
  JSON_CONTAINER = 0x80000000,  // in the low half: the rest of it is the number of a container
  JSON_ESCAPES = 0x80000000,    // in the high half: the string has escapes
};

static inline json_place json_make_place(uint32_t start, uint32_t end) { return start | (uint64_t)end << 32; }
static inline uint32_t json_start(json_place place) { return (uint32_t)place; }
static inline uint32_t json_end(json_place place) { return (uint32_t)(place >> 32); }

// A key of an object, and what stands around it, which an object of the same kind has too.
typedef struct json_key_place {
  json_place key;        // 0 behind the last key of a list
  uint32_t keys;         // of the object that was last found under it, or in an array under it
  uint32_t mask;         // a bit for each of the first 32 bytes from the value before to its own value
  uint32_t before;       // where those begin
  int32_t length;        // how many there are; negative when they are many; 0 when they are too many to be expected again
} json_key_place;

// An array or object of an indexed text.
typedef struct json_container {
  uint32_t start, end;    // of its text
  uint32_t first, count;  // which values are its elements or members
  uint32_t keys;          // of an object: the first of its keys, which objects of one kind share; 0 of an array
} json_container;

enum { HINTS = 16 };

// Where the member with a key is in objects with the same keys, and as many of them.
typedef struct json_hint {
  const void *key;  // a string that the metatable of the views keeps alive
  uint32_t count, keys;
  uint32_t number;
} json_hint;

// An indexed text in a block of Lua's memory. The metatable of its views keeps it and the text alive.
typedef struct json_document {
  const uint8_t *text;
  size_t length;
  rl_json_reading options;
  json_place root;  // the value of the whole text
  const json_container *containers;
  const json_key_place *keys;
  const json_place *values;
  json_hint hints[HINTS];
} json_document;

// Checks a whole text by the rules of a decode, notes where each value is, and pushes the document.
rl_json_fault rl_json_index(lua_State *lua, const uint8_t *text, size_t length, rl_json_reading options);
