// The matcher behind string.find, match, gmatch and gsub. Lua's own cannot be stopped, and some patterns need time that is
// exponential in their length.
#include "patterns.h"

#include <ctype.h>
#include <string.h>

typedef unsigned char byte;

static inline void poll(const matcher *state) {
  if (__builtin_expect(state->context->interrupt != RL_NOT_INTERRUPTED, 0)) rl_raise_interrupt(state->lua);
}

void rl_matcher_init(matcher *state, lua_State *lua, const char *subject, size_t length, const char *pattern,
                     size_t pattern_length) {
  state->lua = lua;
  state->context = rl_context_of(lua);
  state->subject = subject;
  state->subject_end = subject + length;
  state->is_anchored = pattern_length > 0 && *pattern == '^';
  state->pattern = pattern + (state->is_anchored ? 1 : 0);
  state->pattern_end = pattern + pattern_length;
}

// --- single characters

// Returns the end of a set, which begins after its '['.
static const char *end_of_set(matcher *state, const char *pattern) {
  if (pattern < state->pattern_end && *pattern == '^') pattern++;
  do {  // a first ']' stands for itself
    if (pattern == state->pattern_end) luaL_error(state->lua, "malformed pattern (missing ']')");
    if (*pattern++ == '%') {
      if (pattern == state->pattern_end) luaL_error(state->lua, "malformed pattern (missing ']')");
      pattern++;
    }
  } while (pattern == state->pattern_end || *pattern != ']');
  return pattern + 1;
}

// Returns the end of the item for a single character that begins at `pattern`.
static inline const char *end_of_item(matcher *state, const char *pattern) {
  char first = *pattern++;
  if (first == '[') return end_of_set(state, pattern);
  if (first != '%') return pattern;
  if (pattern == state->pattern_end) luaL_error(state->lua, "malformed pattern (ends with '%%')");
  return pattern + 1;
}

static bool is_in_class(int character, int class) {
  bool is_in;
  switch (tolower(class)) {
    case 'a': is_in = isalpha(character) != 0; break;
    case 'c': is_in = iscntrl(character) != 0; break;
    case 'd': is_in = isdigit(character) != 0; break;
    case 'g': is_in = isgraph(character) != 0; break;
    case 'l': is_in = islower(character) != 0; break;
    case 'p': is_in = ispunct(character) != 0; break;
    case 's': is_in = isspace(character) != 0; break;
    case 'u': is_in = isupper(character) != 0; break;
    case 'w': is_in = isalnum(character) != 0; break;
    case 'x': is_in = isxdigit(character) != 0; break;
    default: return class == character;
  }
  return isupper(class) ? !is_in : is_in;
}

// `set` is at the '[', `last` at the ']' of a complete set.
static bool is_in_set(int character, const char *set, const char *last) {
  bool found = true;
  set++;
  if (*set == '^') {
    found = false;
    set++;
  }
  while (set < last) {
    if (*set == '%') {
      if (is_in_class(character, (byte)set[1])) return found;
      set += 2;
    } else if (last - set > 2 && set[1] == '-') {
      if ((byte)set[0] <= character && character <= (byte)set[2]) return found;
      set += 3;
    } else {
      if ((byte)*set == character) return found;
      set++;
    }
  }
  return !found;
}

static inline bool matches_one(const matcher *state, const char *place, const char *item, const char *item_end) {
  if (place >= state->subject_end) return false;
  int character = (byte)*place;
  switch (*item) {
    case '.': return true;
    case '%': return is_in_class(character, (byte)item[1]);
    case '[': return is_in_set(character, item, item_end - 1);
    default: return (byte)*item == character;
  }
}

// --- items

static const char *match(matcher *state, const char *place, const char *pattern);

static const char *match_most(matcher *state, const char *place, const char *item, const char *item_end, ptrdiff_t least) {
  ptrdiff_t count = 0;
  while (matches_one(state, place + count, item, item_end)) {
    if ((++count & 1023) == 0) poll(state);
  }
  for (; count >= least; count--) {
    const char *end = match(state, place + count, item_end + 1);
    if (end != NULL) return end;
  }
  return NULL;
}

static const char *match_fewest(matcher *state, const char *place, const char *item, const char *item_end) {
  for (;;) {
    const char *end = match(state, place, item_end + 1);
    if (end != NULL) return end;
    if (!matches_one(state, place, item, item_end)) return NULL;
    place++;
  }
}

static const char *open_capture(matcher *state, const char *place, const char *pattern) {
  if (state->capture_count >= PATTERN_CAPTURES) luaL_error(state->lua, "too many captures");
  bool is_position = pattern + 1 < state->pattern_end && pattern[1] == ')';
  capture *opened = &state->captures[state->capture_count++];
  opened->start = place;
  opened->length = is_position ? CAPTURE_POSITION : CAPTURE_OPEN;
  const char *end = match(state, place, pattern + (is_position ? 2 : 1));
  if (end == NULL) state->capture_count--;
  return end;
}

static const char *close_capture(matcher *state, const char *place, const char *pattern) {
  int index = state->capture_count - 1;
  while (index >= 0 && state->captures[index].length != CAPTURE_OPEN) index--;
  if (index < 0) luaL_error(state->lua, "invalid pattern capture");
  state->captures[index].length = place - state->captures[index].start;
  const char *end = match(state, place, pattern + 1);
  if (end == NULL) state->captures[index].length = CAPTURE_OPEN;
  return end;
}

// '%bxy': returns the end of the balanced text, or NULL.
static const char *match_balanced(matcher *state, const char *place, const char *pattern) {
  if (state->pattern_end - pattern < 4) luaL_error(state->lua, "malformed pattern (missing arguments to '%%b')");
  char open = pattern[2], close = pattern[3];
  if (place >= state->subject_end || *place != open) return NULL;
  ptrdiff_t level = 1;
  for (const char *next = place + 1; next < state->subject_end; next++) {
    if (((next - place) & 1023) == 0) poll(state);
    if (*next == close) {
      if (--level == 0) return next + 1;
    } else if (*next == open) {
      level++;
    }
  }
  return NULL;
}

// '%f[set]': whether the place is a frontier into the set, which ends at `set_end`.
static bool is_frontier(const matcher *state, const char *place, const char *set, const char *set_end) {
  int before = place == state->subject ? 0 : (byte)place[-1];
  int after = place < state->subject_end ? (byte)*place : 0;
  return !is_in_set(before, set, set_end - 1) && is_in_set(after, set, set_end - 1);
}

// '%1' to '%9': returns the end of the text that equals an earlier capture, or NULL.
static const char *match_back(matcher *state, const char *place, char digit) {
  int index = digit - '1';
  if (index < 0 || index >= state->capture_count || state->captures[index].length == CAPTURE_OPEN) {
    luaL_error(state->lua, "invalid capture index %%%d", index + 1);
  }
  size_t length = (size_t)state->captures[index].length;
  if ((size_t)(state->subject_end - place) < length) return NULL;
  return memcmp(state->captures[index].start, place, length) == 0 ? place + length : NULL;
}

// Matches a '%' item that is more than a class. Returns true when it was one; `*place` is then its end, or NULL.
static inline bool match_special(matcher *state, const char **place, const char **pattern) {
  const char *item = *pattern;
  if (item + 1 == state->pattern_end) return false;
  switch (item[1]) {
    case 'b':
      *place = match_balanced(state, *place, item);
      *pattern += 4;
      return true;
    case 'f': {
      const char *set = item + 2;
      if (set == state->pattern_end || *set != '[') luaL_error(state->lua, "missing '[' after '%%f' in pattern");
      *pattern = end_of_item(state, set);
      if (!is_frontier(state, *place, set, *pattern)) *place = NULL;
      return true;
    }
    case '0' ... '9':
      *place = match_back(state, *place, item[1]);
      *pattern += 2;
      return true;
    default: return false;
  }
}

static const char *match_items(matcher *state, const char *place, const char *pattern) {
  while (pattern != state->pattern_end) {
    switch (*pattern) {
      case '(': return open_capture(state, place, pattern);
      case ')': return close_capture(state, place, pattern);
      case '$':
        if (pattern + 1 == state->pattern_end) return place == state->subject_end ? place : NULL;
        break;
      case '%':
        if (!match_special(state, &place, &pattern)) break;
        if (place == NULL) return NULL;
        continue;
      default: break;
    }
    const char *item_end = end_of_item(state, pattern);
    switch (item_end < state->pattern_end ? *item_end : '\0') {
      case '*': return match_most(state, place, pattern, item_end, 0);
      case '+': return match_most(state, place, pattern, item_end, 1);
      case '-': return match_fewest(state, place, pattern, item_end);
      case '?': {
        if (matches_one(state, place, pattern, item_end)) {
          const char *end = match(state, place + 1, item_end + 1);
          if (end != NULL) return end;
        }
        pattern = item_end + 1;
        break;
      }
      default:
        if (!matches_one(state, place, pattern, item_end)) return NULL;
        place++;
        pattern = item_end;
    }
  }
  return place;
}

static const char *match(matcher *state, const char *place, const char *pattern) {
  poll(state);
  if (state->depth-- == 0) luaL_error(state->lua, "pattern too complex");
  const char *end = match_items(state, place, pattern);
  state->depth++;
  return end;
}

const char *rl_match_at(matcher *state, const char *place) {
  state->depth = PATTERN_DEPTH;
  state->capture_count = 0;
  return match(state, place, state->pattern);
}

// --- captures

void rl_push_capture(matcher *state, int index, const char *start, const char *end) {
  if (index >= state->capture_count) {
    if (index != 0) luaL_error(state->lua, "invalid capture index %%%d", index + 1);
    lua_pushlstring(state->lua, start, (size_t)(end - start));
    return;
  }
  const capture *found = &state->captures[index];
  if (found->length == CAPTURE_OPEN) luaL_error(state->lua, "unfinished capture");
  if (found->length == CAPTURE_POSITION) {
    lua_pushinteger(state->lua, found->start - state->subject + 1);
  } else {
    lua_pushlstring(state->lua, found->start, (size_t)found->length);
  }
}

int rl_push_captures(matcher *state, const char *start, const char *end) {
  int count = state->capture_count == 0 && start != NULL ? 1 : state->capture_count;
  luaL_checkstack(state->lua, count, "too many captures");
  for (int index = 0; index < count; index++) rl_push_capture(state, index, start, end);
  return count;
}
