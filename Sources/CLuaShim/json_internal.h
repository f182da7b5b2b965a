// Shared by the json files of this target only.
#pragma once

#include "internal.h"
#include "json_text.h"

#include <stdlib.h>

#define RL_LIKELY(condition) __builtin_expect((condition) != 0, 1)
#define RL_INLINE static inline __attribute__((always_inline))
#define RL_UNLIKELY(condition) __builtin_expect((condition) != 0, 0)

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

// What the JSON functions keep for a state; made by the first call.
typedef struct rl_json {
  const void *array_marker, *object_marker;
  json_buffer frames;     // the open containers of a decode
  json_buffer walk;       // the open containers of an encode
  json_buffer scratch;    // a string without its escapes
  json_buffer input;      // a text with a zero byte behind it
  json_buffer output;     // the text of an encode
  json_buffer keys;       // the keys of a sorted encode
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
// One value or key of an indexed text. They stand in the order of the text: a container, then what it contains; of an object,
// each key and then its value.
typedef struct json_node {
  uint32_t start, end;  // of its text
  uint32_t next;   // the node after it and all that it contains; of a key, and of an open container, the container around it
  uint32_t count;  // of an array its elements, of an object its members, of a string with escapes 1
} json_node;

enum { NODE_COUNT = 0x7FFFFFFF, HINTS = 16 };
static const uint32_t node_is_distinct = 0x80000000;  // in the count of an object: no key of it is there twice

// An indexed text in a block of Lua's memory. The metatable of its views keeps it and the text alive.
typedef struct json_document {
  const uint8_t *text;
  size_t length;
  rl_json_reading options;
  uint32_t count, capacity;
  uint32_t hints[HINTS];  // how far behind their object keys were found
  json_node nodes[];
} json_document;

// Checks a whole text by the rules of a decode, notes where each value is, and pushes the document.
rl_json_fault rl_json_index(lua_State *lua, const uint8_t *text, size_t length, rl_json_reading options);
