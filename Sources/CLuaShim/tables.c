// The functions of `table` whose loops a script can make long: the length of a table is what __len says.
#include "internal.h"

enum { READS = 1, WRITES = 2, MEASURES = 4 };

static void demand_field(lua_State *lua, int argument, const char *name) {
  lua_pushstring(lua, name);
  if (lua_rawget(lua, -2) == LUA_TNIL) luaL_checktype(lua, argument, LUA_TTABLE);
  lua_pop(lua, 1);
}

// Accepts tables, and what has the metamethods that the function uses.
static void check_table(lua_State *lua, int argument, int uses) {
  if (lua_type(lua, argument) == LUA_TTABLE) return;
  if (!lua_getmetatable(lua, argument)) {
    luaL_checktype(lua, argument, LUA_TTABLE);
    return;
  }
  if ((uses & READS) != 0) demand_field(lua, argument, "__index");
  if ((uses & WRITES) != 0) demand_field(lua, argument, "__newindex");
  if ((uses & MEASURES) != 0) demand_field(lua, argument, "__len");
  lua_pop(lua, 1);
}

// To be called in each turn of a loop.
static inline void poll(lua_State *lua, const rl_context *context) {
  if (__builtin_expect(context->interrupt != RL_NOT_INTERRUPTED, 0)) rl_raise_interrupt(lua);
}

static int insert(lua_State *lua) {
  check_table(lua, 1, READS | WRITES | MEASURES);
  lua_Integer end = (lua_Integer)((lua_Unsigned)luaL_len(lua, 1) + 1);
  lua_Integer position = end;
  switch (lua_gettop(lua)) {
    case 2: break;
    case 3: {
      position = luaL_checkinteger(lua, 2);
      luaL_argcheck(lua, (lua_Unsigned)position - 1 < (lua_Unsigned)end, 2, "position out of bounds");
      const rl_context *context = rl_context_of(lua);
      for (lua_Integer index = end; index > position; index--) {
        poll(lua, context);
        lua_geti(lua, 1, index - 1);
        lua_seti(lua, 1, index);
      }
      break;
    }
    default: return luaL_error(lua, "wrong number of arguments to 'insert'");
  }
  lua_seti(lua, 1, position);
  return 0;
}

static int remove_element(lua_State *lua) {
  check_table(lua, 1, READS | WRITES | MEASURES);
  lua_Integer length = luaL_len(lua, 1);
  lua_Integer position = luaL_optinteger(lua, 2, length);
  if (position != length) {
    luaL_argcheck(lua, (lua_Unsigned)position - 1 <= (lua_Unsigned)length, 2, "position out of bounds");
  }
  const rl_context *context = rl_context_of(lua);
  lua_geti(lua, 1, position);
  for (; position < length; position++) {
    poll(lua, context);
    lua_geti(lua, 1, position + 1);
    lua_seti(lua, 1, position);
  }
  lua_pushnil(lua);
  lua_seti(lua, 1, position);
  return 1;
}

static int move(lua_State *lua) {
  lua_Integer first = luaL_checkinteger(lua, 2), last = luaL_checkinteger(lua, 3), target = luaL_checkinteger(lua, 4);
  int destination = lua_isnoneornil(lua, 5) ? 1 : 5;
  check_table(lua, 1, READS);
  check_table(lua, destination, WRITES);
  if (last >= first) {
    luaL_argcheck(lua, first > 0 || last < LUA_MAXINTEGER + first, 3, "too many elements to move");
    lua_Integer count = last - first + 1;
    luaL_argcheck(lua, target <= LUA_MAXINTEGER - count + 1, 4, "destination wrap around");
    // Backwards where the ranges overlap, so that no element is overwritten before it is read.
    bool is_same = destination == 1 || lua_compare(lua, 1, destination, LUA_OPEQ);
    bool is_forward = target > last || target <= first || !is_same;
    const rl_context *context = rl_context_of(lua);
    for (lua_Integer step = 0; step < count; step++) {
      poll(lua, context);
      lua_Integer offset = is_forward ? step : count - 1 - step;
      lua_geti(lua, 1, first + offset);
      lua_seti(lua, destination, target + offset);
    }
  }
  lua_pushvalue(lua, destination);
  return 1;
}

static void add_element(lua_State *lua, luaL_Buffer *result, lua_Integer index) {
  lua_geti(lua, 1, index);
  if (!lua_isstring(lua, -1)) {
    luaL_error(lua, "invalid value (%s) at index %I in table for 'concat'", luaL_typename(lua, -1), (LUAI_UACINT)index);
  }
  size_t length;
  lua_tolstring(lua, -1, &length);
  // Lua's buffers do not collect garbage when they find no room.
  if (result->n + length > result->size) rl_require_memory(lua, 2 * (result->n + length));
  luaL_addvalue(result);
}

static int concat(lua_State *lua) {
  check_table(lua, 1, READS | MEASURES);
  lua_Integer last = luaL_len(lua, 1);
  size_t separator_length;
  const char *separator = luaL_optlstring(lua, 2, "", &separator_length);
  lua_Integer index = luaL_optinteger(lua, 3, 1);
  last = luaL_optinteger(lua, 4, last);
  const rl_context *context = rl_context_of(lua);
  luaL_Buffer result;
  luaL_buffinit(lua, &result);
  for (; index < last; index++) {
    poll(lua, context);
    add_element(lua, &result, index);
    if (result.n + separator_length > result.size) rl_require_memory(lua, 2 * (result.n + separator_length));
    luaL_addlstring(&result, separator, separator_length);
  }
  if (index == last) add_element(lua, &result, index);
  luaL_pushresult(&result);
  return 1;
}

// --- sort: a merge sort between two hidden tables, so that neither an error nor a comparison that contradicts itself leaves
// the script's table half sorted. Equal elements keep their order.

enum { ORDER = 2, SOURCE = 3, TARGET = 4 };

// Whether the value on top of the stack comes before the one below it.
static bool is_before(lua_State *lua) {
  if (lua_isnil(lua, ORDER)) return lua_compare(lua, -1, -2, LUA_OPLT);
  lua_pushvalue(lua, ORDER);
  lua_pushvalue(lua, -2);
  lua_pushvalue(lua, -4);
  lua_call(lua, 2, 1);
  bool result = lua_toboolean(lua, -1);
  lua_pop(lua, 1);
  return result;
}

// Merges the sorted runs [first, middle) and [middle, end).
static void merge(lua_State *lua, int source, int target, lua_Integer first, lua_Integer middle, lua_Integer end) {
  const rl_context *context = rl_context_of(lua);
  lua_Integer left = first, right = middle, next = first;
  if (left < middle && right < end) {
    lua_rawgeti(lua, source, left);
    lua_rawgeti(lua, source, right);
    for (;;) {  // left, right
      poll(lua, context);
      if (is_before(lua)) {
        lua_rawseti(lua, target, next++);
        if (++right == end) break;
        lua_rawgeti(lua, source, right);
      } else {
        lua_insert(lua, -2);
        lua_rawseti(lua, target, next++);
        if (++left == middle) break;
        lua_rawgeti(lua, source, left);
        lua_insert(lua, -2);
      }
    }
    lua_pop(lua, 1);
  }
  for (; left < middle; left++, next++) {
    lua_rawgeti(lua, source, left);
    lua_rawseti(lua, target, next);
  }
  for (; right < end; right++, next++) {
    lua_rawgeti(lua, source, right);
    lua_rawseti(lua, target, next);
  }
}

// Sorts [first, end) by insertion.
static void sort_run(lua_State *lua, lua_Integer first, lua_Integer end) {
  for (lua_Integer index = first + 1; index < end; index++) {
    lua_rawgeti(lua, SOURCE, index);
    lua_Integer place = index;
    for (; place > first; place--) {
      lua_rawgeti(lua, SOURCE, place - 1);
      lua_insert(lua, -2);  // the one before, the one to be placed
      if (!is_before(lua)) break;
      lua_insert(lua, -2);
      lua_rawseti(lua, SOURCE, place);
    }
    if (place > first) lua_remove(lua, -2);
    lua_rawseti(lua, SOURCE, place);
  }
}

static int sort(lua_State *lua) {
  check_table(lua, 1, READS | WRITES | MEASURES);
  lua_Integer count = luaL_len(lua, 1);
  if (count < 2) return 0;
  luaL_argcheck(lua, count < INT32_MAX, 1, "array too big");
  if (!lua_isnoneornil(lua, 2)) luaL_checktype(lua, 2, LUA_TFUNCTION);
  lua_settop(lua, 2);
  luaL_checkstack(lua, 40, "");
  const rl_context *context = rl_context_of(lua);
  rl_require_memory(lua, (size_t)count * 2 * sizeof(lua_Integer[2]));
  lua_createtable(lua, (int)count, 0);
  lua_createtable(lua, (int)count, 0);
  for (lua_Integer index = 1; index <= count; index++) {
    poll(lua, context);
    lua_geti(lua, 1, index);
    lua_rawseti(lua, SOURCE, index);
  }
  lua_Integer width = 8;
  for (lua_Integer first = 1; first <= count; first += width) {
    poll(lua, context);
    sort_run(lua, first, first + width <= count ? first + width : count + 1);
  }
  int source = SOURCE, target = TARGET;
  for (; width < count; width *= 2) {
    for (lua_Integer first = 1; first <= count; first += 2 * width) {
      lua_Integer middle = first + width <= count ? first + width : count + 1;
      lua_Integer end = middle + width <= count ? middle + width : count + 1;
      merge(lua, source, target, first, middle, end);
    }
    int other = source;
    source = target;
    target = other;
  }
  for (lua_Integer index = 1; index <= count; index++) {
    poll(lua, context);
    lua_rawgeti(lua, source, index);
    lua_seti(lua, 1, index);
  }
  return 0;
}

const luaL_Reg rl_table_functions[] = {
    {"concat", concat}, {"insert", insert}, {"move", move}, {"remove", remove_element}, {"sort", sort}, {NULL, NULL},
};
