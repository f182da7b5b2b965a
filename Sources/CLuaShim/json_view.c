// Lazy views: read-only userdata that make Lua values of what a script touches of an indexed text.
//
// All views of a text share a metatable of their own, which keeps the text and its index alive; so a view is a few bytes without
// a user value. Scripts cannot reach the metatable: nothing but Lua itself calls the metamethods, and with nothing but views.
#include "json_internal.h"

typedef struct view {
  json_document *document;
  const json_container *container;
} view;

// The keys of a metatable under which it keeps the index and the text. Its first HINTS elements keep the keys that scripts
// asked for.
static const char document_key;
static const char text_key;

static inline bool is_object(const view *view) { return view->container->keys != 0; }

// --- finding

// Whether a key stands for the bytes.
static bool is_key(rl_json *json, const json_document *document, const json_key_place *key, const char *bytes, size_t length) {
  uint32_t start = json_start(key->key), end = json_end(key->key);
  const uint8_t *quote = document->text + start;
  if (RL_LIKELY(end < JSON_ESCAPES)) return end - start == length + 1 && memcmp(quote + 1, bytes, length) == 0;
  // It was checked when the text was indexed.
  json_text text = {.start = document->text, .end = document->text + document->length};
  size_t unescaped;
  return rl_json_unescape(&text, quote, NULL, false, &json->scratch, &unescaped) != NULL && unescaped == length &&
         memcmp(json->scratch.bytes, bytes, length) == 0;
}

// Returns the number of the member with the key at position 2, from 0; of equal keys the last. Their count when there is none.
// Upvalue: the metatable.
static __attribute__((noinline)) uint32_t find_member(lua_State *lua, const view *view, json_hint *hint) {
  const json_container *object = view->container;
  const json_document *document = view->document;
  if (lua_type(lua, 2) != LUA_TSTRING) return object->count;
  size_t length;
  const char *bytes = lua_tolstring(lua, 2, &length);
  uint32_t number = object->count;
  while (number-- > 0) {
    if (is_key(rl_context_of(lua)->json, document, &document->keys[object->keys + number], bytes, length)) break;
  }
  if (number == UINT32_MAX) number = object->count;
  const void *key = lua_topointer(lua, 2);
  if (hint->key != key) {
    // Nothing else gets its address as long as it is kept.
    lua_pushvalue(lua, 2);
    lua_rawseti(lua, lua_upvalueindex(1), hint - document->hints + 1);
  }
  *hint = (json_hint){.key = key, .count = object->count, .keys = object->keys, .number = number};
  return number;
}

// --- pushing

// Pushes a view of a container; the metatable is at a position.
static inline void push_view(lua_State *lua, json_document *document, const json_container *container, int metatable) {
  view *made = lua_newuserdatauv(lua, sizeof(view), 0);
  *made = (view){document, container};
  lua_pushvalue(lua, metatable);
  lua_setmetatable(lua, -2);
}

static void require_memory(lua_State *lua, size_t bytes) {
  // Above the relaxed limit the caller raises.
  if (rl_context_of(lua)->host_depth == 0) rl_require_memory(lua, bytes);
}

static __attribute__((noinline)) void push_number(lua_State *lua, const json_document *document, const uint8_t *place) {
  json_text text = {.start = document->text, .end = document->text + document->length};
  json_number read;
  json_value value = {.kind = JSON_INTEGER};
  // It was checked when the text was indexed.
  if (!rl_json_read_number(&text, place, &read)) return lua_pushnil(lua);
  if (!rl_json_round_number(&text, &read, document->options.keeps_digits, &value)) return lua_pushnil(lua);
  switch (value.kind) {
    case JSON_INTEGER: lua_pushinteger(lua, value.integer); break;
    case JSON_FLOAT: lua_pushnumber(lua, value.number); break;
    case JSON_DIGITS: lua_pushlstring(lua, (const char *)read.start, (size_t)(read.end - read.start)); break;
  }
}

static __attribute__((noinline)) void push_escaped(lua_State *lua, const json_document *document, const uint8_t *quote) {
  json_text text = {.start = document->text, .end = document->text + document->length};
  json_buffer *scratch = &rl_context_of(lua)->json->scratch;
  size_t length = 0;
  if (rl_json_unescape(&text, quote, NULL, false, scratch, &length) == NULL) {
    rl_require_memory(lua, SIZE_MAX);  // it was checked before, so the machine is out of memory
  }
  lua_pushlstring(lua, scratch->bytes, length);
  rl_json_trim(scratch);
}

static __attribute__((noinline)) void push_other(lua_State *lua, const json_document *document, json_place value) {
  const uint8_t *place = document->text + json_start(value);
  switch (*place) {
    case '"': push_escaped(lua, document, place); break;
    case 't': lua_pushboolean(lua, true); break;
    case 'f': lua_pushboolean(lua, false); break;
    case 'n': lua_pushlightuserdata(lua, NULL); break;
    default: push_number(lua, document, place);
  }
}

// Pushes a value of the document; the metatable is at a position.
RL_INLINE void push_value(lua_State *lua, json_document *document, json_place value, int metatable) {
  uint32_t start = json_start(value), end = json_end(value);
  if ((start & JSON_CONTAINER) != 0) {
    push_view(lua, document, &document->containers[start & ~JSON_CONTAINER], metatable);
  } else if (end - 1 < JSON_ESCAPES - 1) {
    lua_pushlstring(lua, (const char *)document->text + start + 1, end - start - 1);
  } else {
    push_other(lua, document, value);
  }
}

// Pushes a table with the members or elements of a view; the metatable is at a position.
static void push_table(lua_State *lua, const view *view, int metatable) {
  json_document *document = view->document;
  const json_container *container = view->container;
  bool has_keys = is_object(view);
  require_memory(lua, (size_t)container->count * (has_keys ? 80 : 32));
  lua_createtable(lua, has_keys ? 0 : (int)container->count, has_keys ? (int)container->count : 0);
  for (uint32_t number = 0; number < container->count; number++) {
    if (has_keys) {
      push_value(lua, document, document->keys[container->keys + number].key, metatable);
    } else {
      lua_pushinteger(lua, (lua_Integer)number + 1);
    }
    push_value(lua, document, document->values[container->first + number], metatable);
    lua_rawset(lua, -3);
    if ((number & 4095) == 4095 && rl_context_of(lua)->interrupt != RL_NOT_INTERRUPTED && rl_context_of(lua)->host_depth == 0) {
      rl_raise_interrupt(lua);
    }
  }
}

bool rl_json_is_view(lua_State *lua, int position) {
  if (lua_type(lua, position) != LUA_TUSERDATA || !lua_getmetatable(lua, position)) return false;
  bool is_view = lua_rawgetp(lua, -1, &document_key) == LUA_TUSERDATA;
  lua_pop(lua, 2);
  return is_view;
}

// Pushes a plain table of all that a view shows.
static rl_json_fault decode_view(lua_State *lua, const view *view) {
  const json_document *document = view->document;
  const json_container *container = view->container;
  return rl_json_decode(lua, document->text + container->start, container->end - container->start, document->options);
}

bool rl_json_copy_view(lua_State *lua, int position) {
  return decode_view(lua, lua_touserdata(lua, position)).problem == RL_JSON_OK;
}

// --- metamethods

// Upvalue: the metatable.
static int index_view(lua_State *lua) {
  const view *view = lua_touserdata(lua, 1);
  json_document *document = view->document;
  const json_container *container = view->container;
  uint32_t number = container->count;
  if (RL_LIKELY(container->keys != 0)) {
    const void *key = lua_topointer(lua, 2);
    json_hint *hint = &document->hints[((uintptr_t)key >> 4) % HINTS];
    bool is_known = hint->key == key && memcmp(&hint->count, &container->count, 2 * sizeof(uint32_t)) == 0;
    number = RL_LIKELY(is_known) ? hint->number : find_member(lua, view, hint);
  } else if (lua_type(lua, 2) == LUA_TNUMBER) {
    // 0, which is no element, for what is not integral.
    lua_Unsigned index = (lua_Unsigned)lua_tointeger(lua, 2) - 1;
    if (index < number) number = (uint32_t)index;
  }
  if (number == container->count) {
    lua_pushnil(lua);
  } else {
    push_value(lua, document, document->values[container->first + number], lua_upvalueindex(1));
  }
  return 1;
}

static int length_of_view(lua_State *lua) {
  const view *view = lua_touserdata(lua, 1);
  lua_pushinteger(lua, is_object(view) ? 0 : view->container->count);
  return 1;
}

// Upvalues: the metatable and the view. What is iterated is always that view.
static int next_element(lua_State *lua) {
  const view *view = lua_touserdata(lua, lua_upvalueindex(2));
  int is_integer;
  lua_Unsigned number = (lua_Unsigned)lua_tointegerx(lua, 2, &is_integer);
  if (RL_UNLIKELY(!is_integer)) luaL_checkinteger(lua, 2);
  if (number >= view->container->count) {
    lua_pushnil(lua);
    return 1;
  }
  lua_pushinteger(lua, (lua_Integer)number + 1);
  push_value(lua, view->document, view->document->values[view->container->first + number], lua_upvalueindex(1));
  return 2;
}

bool rl_json_push_iterator(lua_State *lua, int position) {
  if (!rl_json_is_view(lua, position) || is_object(lua_touserdata(lua, position))) return false;
  lua_getmetatable(lua, position);
  lua_pushvalue(lua, position);
  lua_pushcclosure(lua, next_element, 2);
  return true;
}

// Gives `next` a table with the members or elements. Upvalue: the metatable.
static int pairs_of_view(lua_State *lua) {
  lua_rawgeti(lua, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  lua_pushliteral(lua, "next");
  lua_rawget(lua, -2);
  push_table(lua, lua_touserdata(lua, 1), lua_upvalueindex(1));
  return 2;
}

static int refuse_write(lua_State *lua) {
  const char *field = luaL_tolstring(lua, 2, NULL);
  return luaL_error(lua, "cannot set '%s': a lazy view is read-only; make a table of it with json.copy(view)", field);
}

int rl_json_make_copy(lua_State *lua) {
  rl_json_fault fault = decode_view(lua, lua_touserdata(lua, 1));
  if (fault.problem == RL_JSON_STOPPED) rl_raise_interrupt(lua);
  if (fault.problem != RL_JSON_OK) rl_require_memory(lua, SIZE_MAX);  // its text is known to be right
  return 1;
}

static int equal_views(lua_State *lua) {
  bool is_same = false;
  if (rl_json_is_view(lua, 1) && rl_json_is_view(lua, 2)) {
    const view *first = lua_touserdata(lua, 1), *second = lua_touserdata(lua, 2);
    is_same = first->container == second->container;
  }
  lua_pushboolean(lua, is_same);
  return 1;
}

static int describe_view(lua_State *lua) {
  const view *view = lua_touserdata(lua, 1);
  int count = (int)view->container->count;
  lua_pushfstring(lua, "lazy view of an %s with %d %s%s", is_object(view) ? "object" : "array", count,
                  is_object(view) ? "field" : "element", count == 1 ? "" : "s");
  return 1;
}

// Pops an index and the text below it, and pushes the metatable of the views that they have.
static void make_metatable(lua_State *lua) {
  static const luaL_Reg functions[] = {{"__index", index_view}, {"__pairs", pairs_of_view}, {NULL, NULL}};
  static const luaL_Reg plain[] = {{"__len", length_of_view}, {"__newindex", refuse_write}, {"__call", rl_json_make_copy},
                                   {"__eq", equal_views}, {"__tostring", describe_view}, {NULL, NULL}};
  lua_createtable(lua, HINTS, 11);
  for (const luaL_Reg *function = functions; function->name != NULL; function++) {
    lua_pushstring(lua, function->name);
    lua_pushvalue(lua, -2);
    lua_pushcclosure(lua, function->func, 1);
    lua_rawset(lua, -3);
  }
  for (const luaL_Reg *function = plain; function->name != NULL; function++) {
    lua_pushstring(lua, function->name);
    lua_pushcfunction(lua, function->func);
    lua_rawset(lua, -3);
  }
  lua_pushliteral(lua, "__name");
  lua_pushliteral(lua, "json.view");
  lua_rawset(lua, -3);
  lua_pushliteral(lua, "__metatable");
  lua_pushboolean(lua, false);
  lua_rawset(lua, -3);
  lua_insert(lua, -3);
  lua_rawsetp(lua, -3, &document_key);
  lua_rawsetp(lua, -2, &text_key);
}

rl_json_fault rl_json_push_view(lua_State *lua, rl_json_reading options) {
  rl_json_fault fault = {.problem = RL_JSON_MEMORY};
  if (!lua_checkstack(lua, 16)) return fault;
  int string = lua_gettop(lua);
  size_t length;
  const uint8_t *text = (const uint8_t *)lua_tolstring(lua, string, &length);
  options.is_open = false;
  fault = rl_json_index(lua, text, length, options);
  if (fault.problem != RL_JSON_OK) return fault;
  json_document *document = lua_touserdata(lua, -1);
  if ((json_start(document->root) & JSON_CONTAINER) == 0) {
    fault = rl_json_decode(lua, text, length, options);
  } else {
    make_metatable(lua);
    push_view(lua, document, &document->containers[json_start(document->root) & ~JSON_CONTAINER], string);
  }
  if (fault.problem == RL_JSON_OK) {
    lua_replace(lua, string);
    lua_settop(lua, string);
  }
  return fault;
}

bool rl_json_push_fields(lua_State *lua) {
  if (!lua_checkstack(lua, 16)) return false;
  const view *view = lua_touserdata(lua, -1);
  if (!rl_has_memory(lua, (size_t)view->container->count * (is_object(view) ? 80 : 32))) return false;
  int position = lua_gettop(lua);
  lua_getmetatable(lua, position);
  push_table(lua, view, position + 1);
  if (!is_object(view)) {
    rl_push_array_marker(lua);
    lua_setmetatable(lua, -2);
  }
  lua_replace(lua, position);
  lua_settop(lua, position);
  return true;
}
