// Lazy views: read-only userdata that make Lua values of what a script touches of an indexed text.
//
// All views of a text share a metatable of their own, which keeps the text and its index alive; so a view is a few bytes without
// a user value. Scripts cannot reach the metatable: nothing but Lua itself calls the metamethods, and with nothing but views.
#include "json_internal.h"

typedef struct view {
  json_document *document;
  uint32_t node;            // the array or object
  uint32_t index, element;  // the element that was asked for last, counted from 1 or 0 for none, and its node
} view;

// The keys of a metatable under which it keeps the index and the text.
static const char document_key;
static const char text_key;

static inline bool is_object(const view *view) {
  return view->document->text[view->document->nodes[view->node].start] == '{';
}

static inline uint32_t count_of(const view *view) { return view->document->nodes[view->node].count & NODE_COUNT; }

// --- finding

// Whether a key stands for the bytes.
static bool is_key(rl_json *json, const json_document *document, const json_node *key, const char *bytes, size_t length) {
  const uint8_t *quote = document->text + key->start;
  if (RL_LIKELY(key->count == 0)) return key->end - key->start == length + 2 && memcmp(quote + 1, bytes, length) == 0;
  // It was checked when the text was indexed.
  json_text text = {.start = document->text, .end = document->text + document->length};
  size_t unescaped;
  return rl_json_unescape(&text, quote, NULL, false, &json->scratch, &unescaped) != NULL && unescaped == length &&
         memcmp(json->scratch.bytes, bytes, length) == 0;
}

// Returns the node of the member with a key, 0 when there is none; of equal keys the last.
static uint32_t find_member(rl_json *json, const view *view, const char *bytes, size_t length) {
  json_document *document = view->document;
  const json_node *nodes = document->nodes, *object = &nodes[view->node];
  bool is_distinct = (object->count & node_is_distinct) != 0;
  // Where it was in another object of this kind. A key names its object, so nothing further in is taken for one.
  uint32_t *hint = &document->hints[((uintptr_t)bytes >> 4) % HINTS];
  uint32_t guess = view->node + *hint;
  if (is_distinct && *hint != 0 && guess < object->next && nodes[guess].next == view->node &&
      is_key(json, document, &nodes[guess], bytes, length)) {
    return guess + 1;
  }
  uint32_t found = 0;
  for (uint32_t key = view->node + 1; key < object->next; key = nodes[key + 1].next) {
    if (!is_key(json, document, &nodes[key], bytes, length)) continue;
    found = key + 1;
    *hint = key - view->node;
    if (is_distinct) break;
  }
  return found;
}

// Returns the node of an element, counted from 1, or 0; walking forwards costs the same for each.
static uint32_t find_element(view *view, lua_Integer number) {
  if (number < 1 || number > (lua_Integer)count_of(view)) return 0;
  const json_node *nodes = view->document->nodes;
  if (view->index == 0 || view->index > (uint32_t)number) {
    view->index = 1;
    view->element = view->node + 1;
  }
  for (; view->index < (uint32_t)number; view->index++) view->element = nodes[view->element].next;
  return view->element;
}

// --- pushing

// Pushes a view of a node; the metatable is at a position.
static inline void push_view(lua_State *lua, json_document *document, uint32_t node, int metatable) {
  view *made = lua_newuserdatauv(lua, sizeof(view), 0);
  *made = (view){.document = document, .node = node};
  lua_pushvalue(lua, metatable);
  lua_setmetatable(lua, -2);
}

static void require_memory(lua_State *lua, size_t bytes) {
  // Above the relaxed limit the caller raises.
  if (rl_context_of(lua)->host_depth == 0) rl_require_memory(lua, bytes);
}

static void push_number(lua_State *lua, const json_document *document, const json_node *node) {
  json_text text = {.start = document->text, .end = document->text + document->length};
  json_number read;
  json_value value = {.kind = JSON_INTEGER};
  // It was checked when the text was indexed.
  if (!rl_json_read_number(&text, text.start + node->start, &read)) return lua_pushnil(lua);
  if (!rl_json_round_number(&text, &read, document->options.keeps_digits, &value)) return lua_pushnil(lua);
  switch (value.kind) {
    case JSON_INTEGER: lua_pushinteger(lua, value.integer); break;
    case JSON_FLOAT: lua_pushnumber(lua, value.number); break;
    case JSON_DIGITS: lua_pushlstring(lua, (const char *)read.start, (size_t)(read.end - read.start)); break;
  }
}

static void push_escaped(lua_State *lua, const json_document *document, const json_node *node) {
  json_text text = {.start = document->text, .end = document->text + document->length};
  json_buffer *scratch = &rl_context_of(lua)->json->scratch;
  const uint8_t *quote = document->text + node->start;
  size_t length = 0;
  if (rl_json_unescape(&text, quote, NULL, false, scratch, &length) == NULL) {
    rl_require_memory(lua, SIZE_MAX);  // it was checked before, so the machine is out of memory
  }
  lua_pushlstring(lua, scratch->bytes, length);
  rl_json_trim(scratch);
}

// Pushes the value of a node.
static inline void push_node(lua_State *lua, json_document *document, uint32_t index, int metatable) {
  const json_node *node = &document->nodes[index];
  const char *start = (const char *)document->text + node->start;
  switch (*start) {
    case '"':
      if (RL_UNLIKELY(node->count != 0)) return push_escaped(lua, document, node);
      lua_pushlstring(lua, start + 1, node->end - node->start - 2);
      break;
    case '{':
    case '[': push_view(lua, document, index, metatable); break;
    case 't': lua_pushboolean(lua, true); break;
    case 'f': lua_pushboolean(lua, false); break;
    case 'n': lua_pushlightuserdata(lua, NULL); break;
    default: push_number(lua, document, node);
  }
}

// Pushes a table with the members or elements of a view; the metatable is at a position.
static void push_table(lua_State *lua, const view *view, int metatable) {
  json_document *document = view->document;
  uint32_t count = count_of(view), index = view->node + 1;
  bool has_keys = is_object(view);
  require_memory(lua, (size_t)count * (has_keys ? 80 : 32));
  lua_createtable(lua, has_keys ? 0 : (int)count, has_keys ? (int)count : 0);
  for (uint32_t number = 1; number <= count; number++) {
    if (has_keys) {
      push_node(lua, document, index++, metatable);
    } else {
      lua_pushinteger(lua, number);
    }
    push_node(lua, document, index, metatable);
    lua_rawset(lua, -3);
    index = document->nodes[index].next;
    if ((number & 4095) == 0 && rl_context_of(lua)->interrupt != RL_NOT_INTERRUPTED && rl_context_of(lua)->host_depth == 0) {
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

bool rl_json_copy_view(lua_State *lua, int position) {
  const view *view = lua_touserdata(lua, position);
  const json_document *document = view->document;
  const json_node *node = &document->nodes[view->node];
  return rl_json_decode(lua, document->text + node->start, node->end - node->start, document->options).problem == RL_JSON_OK;
}

// --- metamethods

// Upvalue: the metatable.
static int index_view(lua_State *lua) {
  view *view = lua_touserdata(lua, 1);
  uint32_t found = 0;
  if (is_object(view)) {
    size_t length;
    if (RL_LIKELY(lua_type(lua, 2) == LUA_TSTRING)) {
      const char *key = lua_tolstring(lua, 2, &length);
      found = find_member(rl_context_of(lua)->json, view, key, length);
    }
  } else if (lua_type(lua, 2) == LUA_TNUMBER) {
    found = find_element(view, lua_tointeger(lua, 2));  // 0, which is no element, for what is not integral
  }
  if (found == 0) {
    lua_pushnil(lua);
  } else {
    push_node(lua, view->document, found, lua_upvalueindex(1));
  }
  return 1;
}

static int length_of_view(lua_State *lua) {
  const view *view = lua_touserdata(lua, 1);
  lua_pushinteger(lua, is_object(view) ? 0 : count_of(view));
  return 1;
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
  const view *view = lua_touserdata(lua, 1);
  const json_document *document = view->document;
  const json_node *node = &document->nodes[view->node];
  rl_json_fault fault = rl_json_decode(lua, document->text + node->start, node->end - node->start, document->options);
  if (fault.problem == RL_JSON_STOPPED) rl_raise_interrupt(lua);
  if (fault.problem != RL_JSON_OK) rl_require_memory(lua, SIZE_MAX);  // its text is known to be right
  return 1;
}

static int equal_views(lua_State *lua) {
  bool is_same = false;
  if (rl_json_is_view(lua, 1) && rl_json_is_view(lua, 2)) {
    const view *first = lua_touserdata(lua, 1), *second = lua_touserdata(lua, 2);
    is_same = first->document == second->document && first->node == second->node;
  }
  lua_pushboolean(lua, is_same);
  return 1;
}

static int describe_view(lua_State *lua) {
  const view *view = lua_touserdata(lua, 1);
  int count = (int)count_of(view);
  lua_pushfstring(lua, "lazy view of an %s with %d %s%s", is_object(view) ? "object" : "array", count,
                  is_object(view) ? "field" : "element", count == 1 ? "" : "s");
  return 1;
}

// Pops an index and the text below it, and pushes the metatable of the views that they have.
static void make_metatable(lua_State *lua) {
  static const luaL_Reg functions[] = {{"__index", index_view}, {"__pairs", pairs_of_view}, {NULL, NULL}};
  static const luaL_Reg plain[] = {{"__len", length_of_view}, {"__newindex", refuse_write}, {"__call", rl_json_make_copy},
                                   {"__eq", equal_views}, {"__tostring", describe_view}, {NULL, NULL}};
  lua_createtable(lua, 0, 11);
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
  uint8_t first = text[document->nodes[0].start];
  if (first != '{' && first != '[') {
    fault = rl_json_decode(lua, text, length, options);
  } else {
    make_metatable(lua);
    push_view(lua, document, 0, string);
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
  if (!rl_has_memory(lua, (size_t)count_of(view) * (is_object(view) ? 80 : 32))) return false;
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
