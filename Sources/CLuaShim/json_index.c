// A pass that checks a whole text by the same rules as a decode, and notes where each value is.
#include "json_internal.h"

typedef struct indexer {
  json_text text;
  lua_State *lua;
  rl_context *context;
  rl_json *json;
  json_document *document;  // on top of the Lua stack
  json_node *nodes;
  uint32_t count, capacity;
  uint32_t container;       // the innermost open one, or none
  int depth, maximum_depth;
  bool is_object;
  // The keys of the object before at the same depth, with their closing quotes: records of one kind follow each other.
  struct {
    uint32_t start, length;
  } predicted[KEY_DEPTHS][KEY_WIDTH];
  int hits[KEY_DEPTHS];      // keys of the open object that were the predicted ones
  int keys[KEY_DEPTHS];      // keys of the open object
  int distinct[KEY_DEPTHS];  // how many first keys are known to differ from each other
} indexer;

static const uint32_t none = UINT32_MAX;

static inline const uint8_t *fail(indexer *reader, int problem, const uint8_t *place) {
  return json_fail(&reader->text, problem, place);
}

static inline uint32_t offset(const indexer *reader, const uint8_t *place) { return (uint32_t)(place - reader->text.start); }

// --- nodes

static bool make_document(indexer *reader, size_t capacity, const uint8_t *place) {
  size_t size = sizeof(json_document) + capacity * sizeof(json_node);
  if (capacity > NODE_COUNT || !rl_has_memory(reader->lua, size)) return fail(reader, RL_JSON_MEMORY, place) != NULL;
  json_document *document = lua_newuserdatauv(reader->lua, size, 0);
  if (reader->document != NULL) {
    memcpy(document->nodes, reader->nodes, reader->count * sizeof(json_node));
    lua_replace(reader->lua, -2);
  }
  reader->document = document;
  reader->nodes = document->nodes;
  reader->capacity = (uint32_t)capacity;
  return true;
}

static inline const uint8_t *add(indexer *reader, const uint8_t *start, const uint8_t *end, uint32_t next, uint32_t count) {
  if (RL_UNLIKELY(reader->count == reader->capacity) && !make_document(reader, (size_t)reader->capacity * 2, start)) return NULL;
  reader->nodes[reader->count++] = (json_node){offset(reader, start), offset(reader, end), next, count};
  return end;
}

static inline const uint8_t *add_value(indexer *reader, const uint8_t *start, const uint8_t *end) {
  return add(reader, start, end, reader->count + 1, 0);
}

// --- scalars

static inline const uint8_t *text(indexer *reader, const uint8_t *quote, uint32_t next) {
  const uint8_t *start = quote + 1, *base = reader->text.start;
  bool is_high = false;
  const uint8_t *end = base + rl_end_of_plain_text(base, (size_t)(start - base), (size_t)(reader->text.end - base), &is_high);
  if (RL_UNLIKELY(end == reader->text.end)) return fail(reader, RL_JSON_OPEN_TEXT, quote);
  if (RL_UNLIKELY(*end != '"')) {
    size_t length;
    end = rl_json_unescape(&reader->text, quote, end, is_high, &reader->json->scratch, &length);
    return end == NULL ? NULL : add(reader, quote, end, next, 1);
  }
  if (RL_UNLIKELY(is_high) && !json_check_utf8(&reader->text, start, end)) return NULL;
  return add(reader, quote, end + 1, next, 0);
}

static const uint8_t *number(indexer *reader, const uint8_t *place) {
  json_number read;
  json_value value;
  if (!rl_json_read_number(&reader->text, place, &read)) return NULL;
  bool may_be_too_large = read.count + read.exponent > 308;
  if (may_be_too_large && !rl_json_round_number(&reader->text, &read, false, &value)) return NULL;
  return add_value(reader, place, read.end);
}

static const uint8_t *literal(indexer *reader, const uint8_t *place) {
  size_t left = (size_t)(reader->text.end - place);
  if (left >= 4 && (memcmp(place, "null", 4) == 0 || memcmp(place, "true", 4) == 0)) return add_value(reader, place, place + 4);
  if (left >= 5 && memcmp(place, "false", 5) == 0) return add_value(reader, place, place + 5);
  return fail(reader, RL_JSON_EXPECTED_VALUE, place);
}

// --- keys

static inline bool is_same(const indexer *reader, const uint8_t *known, const uint8_t *place, uint32_t length) {
  if (RL_LIKELY(length <= 16 && reader->text.end - place >= 16)) {
    uint32_t different = rl_top_bits((rl_block)(rl_load_block(known) != rl_load_block(place)));
    return (different & ((1u << length) - 1)) == 0;
  }
  return (size_t)(reader->text.end - place) >= length && memcmp(known, place, length) == 0;
}

static const uint8_t *key_text(indexer *reader, const uint8_t *quote) {
  int depth = reader->depth - 1;
  if (depth >= KEY_DEPTHS) return text(reader, quote, reader->container);
  int index = reader->keys[depth]++;
  if (index >= KEY_WIDTH) return text(reader, quote, reader->container);
  uint32_t length = reader->predicted[depth][index].length;
  if (length > 0 && is_same(reader, reader->text.start + reader->predicted[depth][index].start, quote + 1, length)) {
    reader->hits[depth]++;
    return add(reader, quote, quote + 1 + length, reader->container, 0);
  }
  const uint8_t *end = text(reader, quote, reader->container);
  if (end == NULL) return NULL;
  bool is_plain = reader->nodes[reader->count - 1].count == 0;
  reader->predicted[depth][index].start = offset(reader, quote + 1);
  reader->predicted[depth][index].length = is_plain ? (uint32_t)(end - quote - 1) : 0;
  if (reader->distinct[depth] > index) reader->distinct[depth] = index;
  return end;
}

static inline const uint8_t *key(indexer *reader, const uint8_t *place) {
  if (RL_UNLIKELY(*place != '"')) return fail(reader, RL_JSON_EXPECTED_KEY, place);
  const uint8_t *end = key_text(reader, place);
  if (end == NULL) return NULL;
  end = json_skip_space(end);
  if (RL_UNLIKELY(*end != ':')) return fail(reader, RL_JSON_EXPECTED_COLON, end);
  return json_skip_space(end + 1);
}

// Whether the first keys that are predicted at a depth differ from each other.
static bool are_distinct(indexer *reader, int depth, int count) {
  if (reader->distinct[depth] >= count) return true;
  for (int index = reader->distinct[depth]; index < count; index++) {
    const uint8_t *text = reader->text.start + reader->predicted[depth][index].start;
    for (int other = 0; other < index; other++) {
      uint32_t length = reader->predicted[depth][other].length;
      if (length == reader->predicted[depth][index].length &&
          memcmp(text, reader->text.start + reader->predicted[depth][other].start, length) == 0) {
        return false;
      }
    }
    reader->distinct[depth] = index + 1;
  }
  return true;
}

// --- containers

static bool open(indexer *reader, bool is_object, const uint8_t *place) {
  if (reader->depth >= reader->maximum_depth) return fail(reader, RL_JSON_DEPTH, place) != NULL;
  if (reader->context->interrupt != RL_NOT_INTERRUPTED) return fail(reader, RL_JSON_STOPPED, place) != NULL;
  uint32_t opened = reader->count;
  if (add(reader, place, place, reader->container, 0) == NULL) return false;
  if (reader->depth < KEY_DEPTHS) reader->hits[reader->depth] = reader->keys[reader->depth] = 0;
  reader->depth++;
  reader->container = opened;
  reader->is_object = is_object;
  return true;
}

static const uint8_t *close_container(indexer *reader, const uint8_t *place) {
  json_node *closed = &reader->nodes[reader->container];
  int depth = --reader->depth;
  if (reader->is_object && depth < KEY_DEPTHS) {
    int count = reader->hits[depth];
    if (count == reader->keys[depth] && count <= KEY_WIDTH && are_distinct(reader, depth, count)) {
      closed->count |= node_is_distinct;
    }
  }
  reader->container = closed->next;
  closed->next = reader->count;
  closed->end = offset(reader, place + 1);
  if (reader->container != none) reader->is_object = reader->text.start[reader->nodes[reader->container].start] == '{';
  return place + 1;
}

// Reads a value up to its end, or containers up to their first child, whose place it returns.
static inline const uint8_t *value(indexer *reader, const uint8_t *place) {
  while (place != NULL) {
    switch (*place) {
      case '"': return text(reader, place, reader->count + 1);
      case '{':
        if (!open(reader, true, place)) return NULL;
        place = json_skip_space(place + 1);
        if (*place == '}') return close_container(reader, place);
        place = key(reader, place);
        break;
      case '[':
        if (!open(reader, false, place)) return NULL;
        place = json_skip_space(place + 1);
        if (*place == ']') return close_container(reader, place);
        break;
      case '-':
      case '0' ... '9': return number(reader, place);
      default: return literal(reader, place);
    }
  }
  return NULL;
}

// Goes on after a complete value. Returns the place of the next child, or NULL after the outermost value, whose end is `*end`.
static inline const uint8_t *follow(indexer *reader, const uint8_t *place, const uint8_t **end) {
  while (reader->container != none) {
    uint32_t count = ++reader->nodes[reader->container].count;
    if (RL_UNLIKELY((count & 4095) == 0) && reader->context->interrupt != RL_NOT_INTERRUPTED) {
      return fail(reader, RL_JSON_STOPPED, place);
    }
    place = json_skip_space(place);
    if (*place == ',') {
      place = json_skip_space(place + 1);
      return reader->is_object ? key(reader, place) : place;
    }
    if (RL_UNLIKELY(*place != (reader->is_object ? '}' : ']'))) {
      return fail(reader, reader->is_object ? RL_JSON_EXPECTED_MEMBER : RL_JSON_EXPECTED_ELEMENT, place);
    }
    place = close_container(reader, place);
  }
  *end = place;
  return NULL;
}

static void read_text(indexer *reader) {
  const uint8_t *place = reader->text.start, *end = NULL;
  if (reader->text.end - place >= 3 && memcmp(place, "\xEF\xBB\xBF", 3) == 0) {
    fail(reader, RL_JSON_BYTE_ORDER_MARK, place);
    return;
  }
  place = json_skip_space(place);
  do {
    place = value(reader, place);
    if (place != NULL) place = follow(reader, place, &end);
  } while (place != NULL);
  if (end == NULL || end == reader->text.end) return;
  end = json_skip_space(end);
  if (end != reader->text.end) fail(reader, RL_JSON_TRAILING, end);
}

rl_json_fault rl_json_index(lua_State *lua, const uint8_t *text, size_t length, rl_json_reading options) {
  rl_json *json = rl_json_of(lua);
  if (json == NULL || length >= INT32_MAX) return (rl_json_fault){.problem = RL_JSON_MEMORY};
  indexer reader = {.text = {.start = text, .end = text + length}, .lua = lua, .context = rl_context_of(lua), .json = json,
                    .container = none, .maximum_depth = options.maximum_depth};
  if (make_document(&reader, length / 12 + 16, text)) read_text(&reader);
  rl_json_trim(&json->scratch);
  if (reader.text.problem == RL_JSON_OK && reader.count < reader.capacity / 2) {
    make_document(&reader, reader.count, text);
  }
  if (reader.text.problem != RL_JSON_OK) {
    return (rl_json_fault){.problem = reader.text.problem, .offset = (size_t)(reader.text.place - text)};
  }
  json_document *document = reader.document;
  *document = (json_document){.text = text, .length = length, .options = options, .count = reader.count,
                              .capacity = reader.capacity};
  return (rl_json_fault){.problem = RL_JSON_OK};
}
