// Where the strings of a text end, found sixty-four bytes at a time and ahead of the reading: so the place of a string does not wait
// for the end of the one before.
#pragma once

#include "json_internal.h"

// Functions with these attributes are chosen while the program runs, by rl_json_block_bytes.
#if defined(__x86_64__)
#define RL_WIDE __attribute__((hot, target("avx2,bmi,popcnt,pclmul")))
#define RL_WIDEST __attribute__((hot, target("avx2,bmi,popcnt,pclmul,avx512f,avx512bw,avx512vl,avx512vbmi2")))
#else
#define RL_WIDE
#define RL_WIDEST
#endif

// How many bytes this processor compares at once: 16, 32 (RL_WIDE) or 64 (RL_WIDEST), and no more than rl_json_limit_blocks said.
int rl_json_block_bytes(void);

enum { ENDS_STEP = 4096, ENDS_ROOM = ENDS_STEP / 2 + 64 };

typedef struct json_ends {
  const uint8_t *text, *end;
  const uint8_t *place;   // up to where it was looked at
  const uint8_t *valid;   // up to where the characters are known to be UTF-8
  uint64_t inside;        // all bits when a string is open at the place
  bool is_escaped;        // whether a backslash stands before the place
  bool has_escapes;       // whether the open string has any
  bool is_over;           // what comes next is not looked at: it is the end, or a string there is no JSON
  int block_bytes;
  uint32_t *next, *last;  // the offsets of closing quotes that were found, each with JSON_ESCAPES when its string has escapes
} json_ends;

// Finds ends behind a place that is outside of strings, and forgets those before it; `room` is for ENDS_ROOM of them. Returns whether
// there are two. Strings up to the last one found are UTF-8 without control characters; their escapes are not checked. More than a
// block of the text lies behind that one.
bool rl_json_find_ends(json_ends *ends, uint32_t *room, const uint8_t *place);
