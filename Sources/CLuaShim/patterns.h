// Lua patterns (manual, section 6.4.1), matched so that an interrupt is noticed within a few thousand steps.
#pragma once

#include "internal.h"

enum {
  PATTERN_CAPTURES = 32,   // as many as Lua's own
  PATTERN_DEPTH = 200,     // so deep may a match nest
  CAPTURE_OPEN = -1,
  CAPTURE_POSITION = -2,
};

typedef struct capture {
  const char *start;
  ptrdiff_t length;  // or CAPTURE_OPEN, or CAPTURE_POSITION
} capture;

// One subject and one pattern; the anchor is not part of the pattern here.
typedef struct matcher {
  lua_State *lua;
  rl_context *context;
  const char *subject, *subject_end;
  const char *pattern, *pattern_end;
  bool is_anchored;
  int depth;
  int capture_count;
  capture captures[PATTERN_CAPTURES];
} matcher;

void rl_matcher_init(matcher *state, lua_State *lua, const char *subject, size_t length, const char *pattern,
                     size_t pattern_length);

// Matches the pattern at one place of the subject; returns where the match ends, or NULL.
const char *rl_match_at(matcher *state, const char *place);

// Pushes one capture; the whole match from `start` to `end` counts as the first when the pattern has none.
void rl_push_capture(matcher *state, int index, const char *start, const char *end);

// Pushes all captures, or the whole match when there are none and `start` is given; returns how many.
int rl_push_captures(matcher *state, const char *start, const char *end);

