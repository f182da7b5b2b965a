// The text that an encode writes: strings, numbers, and room for them. All inline, as most of an encode is spent here.
#pragma once

#include "json_internal.h"
#include "json_number.h"

#include <math.h>

enum { UNMARKED, MARKED_ARRAY, MARKED_OBJECT };

// How the children of a container are found: an array by lua_next as long as that gives 1, 2, 3…, else by index; an object by
// lua_next, or by its sorted keys.
enum { ARRAY, INDEXED, OBJECT, SORTED };

typedef struct walk_frame {
  const void *table;
  int slot;
  int shape, order;
  lua_Integer index, count;  // how many children were begun; how many there are, when that is known
  size_t first_key;          // where its keys begin in the sorted ones
} walk_frame;

typedef struct sorted_key {
  const char *bytes;
  size_t length;
} sorted_key;

enum { WRITTEN_DEPTHS = 5, WRITTEN_WIDTH = 24, WRITTEN_BYTES = 32 };

// A key as the object before had it in this place, and what was written for it: with what stands before it, and the colon.
typedef struct written_key {
  const void *key;  // never NULL
  size_t length;
  uint8_t text[WRITTEN_BYTES];
} written_key;

typedef struct encoder {
  lua_State *lua;
  rl_context *context;
  rl_json *json;
  rl_json_writing options;
  uint8_t *out, *limit;  // where the text goes on, and where the buffer ends, less some room
  walk_frame *frame;     // the innermost open container; below the outermost one is one that stands for none
  int depth;
  int reserved;  // up to where the Lua stack has room
  size_t sorted_count;
  bool has_records;  // whether there was a table in an array; only then are keys remembered, which no two objects might have
  int problem;
  lua_Integer detail;
  int written_depths;  // how many of the following are in use
  written_key written[WRITTEN_DEPTHS][WRITTEN_WIDTH];
} encoder;

enum { SLACK = 128 };  // room behind `limit`, for all that is written without asking

static bool fail(encoder *writer, int problem, lua_Integer detail) {
  writer->problem = problem;
  writer->detail = detail;
  return false;
}

// --- the text

static __attribute__((noinline)) bool grow(encoder *writer, size_t bytes) {
  size_t length = (size_t)(writer->out - (uint8_t *)writer->json->output.bytes);
  if (length + bytes > writer->options.maximum_bytes + 32) return fail(writer, RL_JSON_SIZE, 0);
  if (!rl_json_reserve(&writer->json->output, length + bytes + SLACK)) return fail(writer, RL_JSON_SIZE, 0);
  writer->out = (uint8_t *)writer->json->output.bytes + length;
  writer->limit = (uint8_t *)writer->json->output.bytes + writer->json->output.capacity - SLACK;
  return true;
}

static inline bool reserve(encoder *writer, size_t bytes) {
  return RL_LIKELY(writer->limit - writer->out >= (ptrdiff_t)bytes) || grow(writer, bytes);
}

static inline void put(encoder *writer, uint8_t byte) { *writer->out++ = byte; }

static inline void put_literal(encoder *writer, const char *text, size_t length) {
  memcpy(writer->out, text, length);
  writer->out += length;
}

static bool put_line(encoder *writer, int level) {
  if (!reserve(writer, 2 * (size_t)level + 1)) return false;
  put(writer, '\n');
  memset(writer->out, ' ', 2 * (size_t)level);
  writer->out += 2 * level;
  return true;
}

static void put_escape(encoder *writer, uint8_t byte) {
  static const char short_forms[] = "btn\0fr", digits[] = "0123456789abcdef";
  put(writer, '\\');
  if (byte == '"' || byte == '\\') {
    put(writer, byte);
  } else if (byte >= 8 && byte <= 13 && short_forms[byte - 8] != 0) {
    put(writer, (uint8_t)short_forms[byte - 8]);
  } else {
    put_literal(writer, "u00", 3);
    put(writer, (uint8_t)digits[byte >> 4]);
    put(writer, (uint8_t)digits[byte & 15]);
  }
}

// Writes a string with something to escape, without its quotes.
static __attribute__((noinline)) bool put_escaped(encoder *writer, const uint8_t *bytes, size_t length, bool *is_high) {
  for (size_t index = 0; index < length;) {
    size_t end = rl_end_of_plain_text(bytes, index, length, is_high);
    if (!reserve(writer, length - index + 8)) return false;
    memcpy(writer->out, bytes + index, end - index);
    writer->out += end - index;
    if (end < length) put_escape(writer, bytes[end++]);
    index = end;
  }
  return true;
}

static __attribute__((noinline)) uint8_t *check_utf8(encoder *writer, uint8_t *out, const uint8_t *bytes, size_t length,
                                                     int problem) {
  size_t valid = rl_json_invalid_utf8(bytes, length);
  if (valid == length) return out;
  fail(writer, problem, (lua_Integer)valid);
  return NULL;
}

// Writes a string with its quotes, whatever is in it. Returns where the text goes on, or NULL.
static __attribute__((noinline)) uint8_t *put_any_text(encoder *writer, uint8_t *out, const uint8_t *bytes, size_t length,
                                                       int problem) {
  writer->out = out;
  if (!reserve(writer, length)) return NULL;
  bool is_high = false;
  put(writer, '"');
  if (!put_escaped(writer, bytes, length, &is_high) || !reserve(writer, 1)) return NULL;
  put(writer, '"');
  return is_high ? check_utf8(writer, writer->out, bytes, length, problem) : writer->out;
}

// Writes the string at a position of the stack, with its quotes. Returns where the text goes on, or NULL.
RL_INLINE uint8_t *put_text(encoder *writer, uint8_t *out, int position, int problem) {
  size_t size;
  const uint8_t *bytes = (const uint8_t *)lua_tolstring(writer->lua, position, &size);
  const size_t length = size;
  if (RL_UNLIKELY(writer->limit - out < (ptrdiff_t)length)) return put_any_text(writer, out, bytes, length, problem);
  rl_text_kind kind = rl_copy_text(out + 1, bytes, length);
  if (RL_UNLIKELY(kind == RL_SPECIAL_TEXT)) return put_any_text(writer, out, bytes, length, problem);
  out[0] = '"';
  out[length + 1] = '"';
  out += length + 2;
  return RL_LIKELY(kind == RL_PLAIN_TEXT) ? out : check_utf8(writer, out, bytes, length, problem);
}

// --- numbers

static const char digit_pairs[] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657"
    "58596061626364656667686970717273747576777879808182838485868788899091929394959697989900";

static inline int decimal_length(uint64_t value) {
  int length = 1;
  for (; value >= 100; value /= 100) length += 2;
  return length + (value >= 10);
}

static inline void put_magnitude(encoder *writer, uint64_t value) {
  int length = decimal_length(value);
  uint8_t *target = writer->out + length;
  for (; value >= 100; value /= 100) memcpy(target -= 2, digit_pairs + value % 100 * 2, 2);
  if (value >= 10) {
    memcpy(target - 2, digit_pairs + value * 2, 2);
  } else {
    target[-1] = (uint8_t)('0' + value);
  }
  writer->out += length;
}

static inline void put_integer(encoder *writer, lua_Integer value) {
  if (value < 0) put(writer, '-');
  put_magnitude(writer, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

// Writes a double with at most six decimals and fifteen digits; returns false for any other.
//
// Such a decimal is the only one of so few digits that reads back as this double, so it is the shortest.
static inline bool put_decimal(encoder *writer, double magnitude) {
  if (!(magnitude >= 1e-4 && magnitude < 1e9)) return false;
  double scaled = rint(magnitude * 1e6);
  if (scaled / 1e6 != magnitude) return false;
  uint64_t digits = (uint64_t)scaled, fraction = digits % 1000000;
  put_magnitude(writer, digits / 1000000);
  if (fraction == 0) return true;
  put(writer, '.');
  for (int pair = 2; pair >= 0; pair--, fraction /= 100) memcpy(writer->out + 2 * pair, digit_pairs + fraction % 100 * 2, 2);
  writer->out += 6;
  while (writer->out[-1] == '0') writer->out--;
  return true;
}

// An integral double below 2^53 has no fraction; -0.0 is -0, which reads back as such.
static bool put_double(encoder *writer, double value) {
  double magnitude = fabs(value);
  if (!isfinite(value)) return fail(writer, isnan(value) ? RL_JSON_NAN : RL_JSON_INFINITY, 0);
  if (magnitude < 0x1p53 && value == trunc(value)) {
    if (signbit(value)) put(writer, '-');
    put_magnitude(writer, (uint64_t)magnitude);
    return true;
  }
  uint8_t *start = writer->out;
  if (value < 0) put(writer, '-');
  if (put_decimal(writer, magnitude)) return true;
  writer->out = start + rl_write_double((char *)start, value);
  return true;
}

static __attribute__((noinline)) bool put_number(encoder *writer) {
  if (!reserve(writer, RL_DOUBLE_BYTES)) return false;
  if (!lua_isinteger(writer->lua, -1)) return put_double(writer, lua_tonumber(writer->lua, -1));
  put_integer(writer, lua_tointeger(writer->lua, -1));
  return true;
}
