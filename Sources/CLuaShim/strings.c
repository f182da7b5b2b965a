// The functions of `string` that search, and those that make strings large enough to matter.
#define _GNU_SOURCE
#include "patterns.h"

#include <string.h>

// Turns a position as scripts give it, negative from the end, into an offset; it may lie behind the end.
static size_t offset_of(lua_Integer position, size_t length) {
  if (position > 0) return (size_t)position - 1;
  if (position == 0 || position < -(lua_Integer)length) return 0;
  return length - (size_t)-position;
}

// --- find, match

static bool is_plain(const char *pattern, size_t length) {
  for (size_t index = 0; index < length; index++) {
    if (pattern[index] != '\0' && strchr("^$*+?.([%-", pattern[index]) != NULL) return false;
  }
  return true;
}

static int find_plain(lua_State *lua, const char *subject, size_t length, size_t offset, const char *text,
                      size_t text_length) {
  const char *found = memmem(subject + offset, length - offset, text, text_length);
  if (found == NULL) {
    luaL_pushfail(lua);
    return 1;
  }
  lua_pushinteger(lua, found - subject + 1);
  lua_pushinteger(lua, found - subject + (lua_Integer)text_length);
  return 2;
}

static int search(lua_State *lua, bool is_find) {
  size_t length, pattern_length;
  const char *subject = luaL_checklstring(lua, 1, &length);
  const char *pattern = luaL_checklstring(lua, 2, &pattern_length);
  size_t offset = offset_of(luaL_optinteger(lua, 3, 1), length);
  if (offset > length) {
    luaL_pushfail(lua);
    return 1;
  }
  if (is_find && (lua_toboolean(lua, 4) || is_plain(pattern, pattern_length))) {
    return find_plain(lua, subject, length, offset, pattern, pattern_length);
  }
  matcher state;
  rl_matcher_init(&state, lua, subject, length, pattern, pattern_length);
  const char *start = subject + offset;
  do {
    const char *end = rl_match_at(&state, start);
    if (end == NULL) continue;
    if (!is_find) return rl_push_captures(&state, start, end);
    lua_pushinteger(lua, start - subject + 1);
    lua_pushinteger(lua, end - subject);
    return rl_push_captures(&state, NULL, NULL) + 2;
  } while (start++ < state.subject_end && !state.is_anchored);
  luaL_pushfail(lua);
  return 1;
}

static int find(lua_State *lua) { return search(lua, true); }
static int match(lua_State *lua) { return search(lua, false); }

// --- gmatch

typedef struct gmatch_place {
  size_t next;       // where to look next
  size_t last_end;   // where the last match ended, NO_END before the first
} gmatch_place;

static const size_t no_end = SIZE_MAX;

// Upvalues: subject, pattern, place.
static int gmatch_step(lua_State *lua) {
  size_t length, pattern_length;
  const char *subject = lua_tolstring(lua, lua_upvalueindex(1), &length);
  const char *pattern = lua_tolstring(lua, lua_upvalueindex(2), &pattern_length);
  gmatch_place *place = lua_touserdata(lua, lua_upvalueindex(3));
  matcher state;
  rl_matcher_init(&state, lua, subject, length, pattern, pattern_length);
  state.pattern = pattern;  // a '^' has no meaning here
  for (; place->next <= length; place->next++) {
    const char *start = subject + place->next;
    const char *end = rl_match_at(&state, start);
    if (end == NULL || (size_t)(end - subject) == place->last_end) continue;
    place->next = place->last_end = (size_t)(end - subject);
    return rl_push_captures(&state, start, end);
  }
  return 0;
}

static int gmatch(lua_State *lua) {
  size_t length;
  luaL_checklstring(lua, 1, &length);
  luaL_checkstring(lua, 2);
  size_t offset = offset_of(luaL_optinteger(lua, 3, 1), length);
  lua_settop(lua, 2);
  gmatch_place *place = lua_newuserdatauv(lua, sizeof *place, 0);
  place->next = offset > length ? length + 1 : offset;
  place->last_end = no_end;
  lua_pushcclosure(lua, gmatch_step, 3);
  return 1;
}

// --- gsub

static void add_text(luaL_Buffer *result, const char *text, size_t length) {
  lua_State *lua = result->L;
  // The buffer doubles; Lua's buffers do not collect garbage when they find no room.
  if (result->n + length > result->size) rl_require_memory(lua, 2 * (result->n + length));
  luaL_addlstring(result, text, length);
}

static void add_value(luaL_Buffer *result) {
  // On top of the buffer's own place; a string, so its bytes stay where they are while it is copied.
  size_t length;
  lua_tolstring(result->L, -1, &length);
  if (result->n + length > result->size) rl_require_memory(result->L, 2 * (result->n + length));
  luaL_addvalue(result);
}

static void add_template(matcher *state, luaL_Buffer *result, const char *start, const char *end) {
  lua_State *lua = state->lua;
  size_t length;
  const char *text = lua_tolstring(lua, 3, &length);
  const char *text_end = text + length;
  const char *escape;
  while ((escape = memchr(text, '%', (size_t)(text_end - text))) != NULL) {
    add_text(result, text, (size_t)(escape - text));
    char what = escape + 1 < text_end ? escape[1] : '\0';
    if (what == '%') {
      luaL_addchar(result, '%');
    } else if (what == '0') {
      add_text(result, start, (size_t)(end - start));
    } else if (what >= '1' && what <= '9') {
      rl_push_capture(state, what - '1', start, end);
      luaL_tolstring(lua, -1, NULL);  // a position is a number
      lua_remove(lua, -2);
      add_value(result);
    } else {
      luaL_error(lua, "invalid use of '%%' in replacement string");
    }
    text = escape + 2;
  }
  add_text(result, text, (size_t)(text_end - text));
}

// Adds what replaces a match; returns whether it differs from the match.
static bool add_replacement(matcher *state, luaL_Buffer *result, const char *start, const char *end, int type) {
  lua_State *lua = state->lua;
  switch (type) {
    case LUA_TFUNCTION:
      lua_pushvalue(lua, 3);
      lua_call(lua, rl_push_captures(state, start, end), 1);
      break;
    case LUA_TTABLE:
      rl_push_capture(state, 0, start, end);
      lua_gettable(lua, 3);
      break;
    default:
      add_template(state, result, start, end);
      return true;
  }
  if (!lua_toboolean(lua, -1)) {
    lua_pop(lua, 1);
    add_text(result, start, (size_t)(end - start));
    return false;
  }
  if (!lua_isstring(lua, -1)) luaL_error(lua, "invalid replacement value (a %s)", luaL_typename(lua, -1));
  add_value(result);
  return true;
}

static int gsub(lua_State *lua) {
  size_t length, pattern_length;
  const char *subject = luaL_checklstring(lua, 1, &length);
  const char *pattern = luaL_checklstring(lua, 2, &pattern_length);
  int type = lua_type(lua, 3);
  luaL_argexpected(lua, type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE, 3,
                   "string/function/table");
  lua_Integer most = luaL_optinteger(lua, 4, (lua_Integer)length + 1);
  matcher state;
  rl_matcher_init(&state, lua, subject, length, pattern, pattern_length);
  luaL_Buffer result;
  luaL_buffinit(lua, &result);
  const char *place = subject, *last_end = NULL, *copied = subject;
  lua_Integer count = 0;
  bool is_changed = false;
  while (count < most) {
    const char *end = rl_match_at(&state, place);
    if (end != NULL && end != last_end) {
      count++;
      add_text(&result, copied, (size_t)(place - copied));
      if (add_replacement(&state, &result, place, end, type)) is_changed = true;
      copied = place = last_end = end;
    } else if (place++ == state.subject_end) {
      break;
    }
    if (state.is_anchored) break;
  }
  if (is_changed) {
    add_text(&result, copied, (size_t)(state.subject_end - copied));
    luaL_pushresult(&result);
  } else {
    lua_pushvalue(lua, 1);
  }
  lua_pushinteger(lua, count);
  return 2;
}

// --- rep, and those that copy their arguments

static int repeat(lua_State *lua) {
  size_t length, separator_length;
  const char *text = luaL_checklstring(lua, 1, &length);
  lua_Integer count = luaL_checkinteger(lua, 2);
  const char *separator = luaL_optlstring(lua, 3, "", &separator_length);
  if (count <= 0 || length + separator_length == 0) {
    lua_pushliteral(lua, "");
    return 1;
  }
  if (length + separator_length > SIZE_MAX / 4 / (size_t)count) return luaL_error(lua, "resulting string too large");
  size_t total = (size_t)count * length + (size_t)(count - 1) * separator_length;
  rl_require_memory(lua, 2 * total);
  luaL_Buffer result;
  char *target = luaL_buffinitsize(lua, &result, total);
  memcpy(target, text, length);
  size_t unit = length + separator_length;
  if (count > 1) {
    memcpy(target + length, separator, separator_length);
    // What is written doubles until it is all.
    size_t end = total - length;
    for (size_t written = unit; written < end; written *= 2) {
      memcpy(target + written, target, written < end - written ? written : end - written);
    }
    memcpy(target + end, text, length);
  }
  luaL_pushresultsize(&result, total);
  return 1;
}

// Calls one of Lua's own functions that copy their arguments into a buffer, after making sure that there is room.
static int call_with_room(lua_State *lua) {
  size_t bytes = 0;
  for (int index = lua_gettop(lua); index > 0; index--) {
    if (lua_type(lua, index) == LUA_TSTRING) bytes += lua_rawlen(lua, index);
  }
  if (bytes > 4096) rl_require_memory(lua, 3 * bytes);
  return lua_tocfunction(lua, lua_upvalueindex(1))(lua);
}

void rl_open_strings(lua_State *lua) {
  static const luaL_Reg replaced[] = {
      {"find", find}, {"match", match}, {"gmatch", gmatch}, {"gsub", gsub}, {"rep", repeat}, {NULL, NULL},
  };
  static const char *const copying[] = {"format", "lower", "pack", "reverse", "upper", NULL};
  luaL_setfuncs(lua, replaced, 0);
  for (int index = 0; copying[index] != NULL; index++) {
    lua_getfield(lua, -1, copying[index]);
    lua_pushcclosure(lua, call_with_room, 1);
    lua_setfield(lua, -2, copying[index]);
  }
}
