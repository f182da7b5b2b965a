// Where the strings of a text end, found sixty-four bytes at a time and ahead of the reading: so the place of a string does not
// wait for the end of the one before.
#pragma once

#include "json_internal.h"

// Functions with this attribute are chosen while the program runs, where rl_json_is_wide.
#if defined(__x86_64__)
#define RL_WIDE __attribute__((hot, target("avx2,bmi,popcnt,pclmul")))
static inline bool rl_json_is_wide(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt") &&
         __builtin_cpu_supports("pclmul");
}
#else
#define RL_WIDE
static inline bool rl_json_is_wide(void) { return false; }
#endif

enum { ENDS_STEP = 4096, ENDS_ROOM = ENDS_STEP / 2 + 64 };

typedef struct json_ends {
  const uint8_t *text, *end;
  const uint8_t *place;      // up to where it was looked at
  const uint8_t *valid;      // up to where the characters are known to be UTF-8
  uint64_t inside;           // all bits when a string is open at the place
  bool is_escaped;           // whether a backslash stands before the place
  bool has_escapes;          // whether the open string has any
  bool is_over;              // what comes next is not looked at: it is the end, or a string there is no JSON
  uint32_t *next, *last;     // the offsets of closing quotes that were found, with a mark for escapes
} json_ends;

// Finds ends behind a place that is outside of strings, and forgets those before it. Returns whether there are two of them. All strings
// up to the last one found are UTF-8 without control characters; their escapes are not checked.
bool rl_json_find_ends(json_ends *ends, uint32_t *room, const uint8_t *place);
