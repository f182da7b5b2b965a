// A pass that checks a whole text by the same rules as a decode, and notes where each value is.
//
// What stands between the values of a record, as in `,"email":`, is expected as a record before had it, and compared in one
// piece; where records are alike, nothing else of it is looked at. Objects with the same keys share a list of them. Children wait
// until their container is closed, so that those of one container lie together.
#include "json_indexer.h"

// --- containers

// Opens the container at a place, for which there is room.
RL_INLINE void begin_container(indexer *reader, const json_place *waiting, const uint8_t *place, uint32_t under) {
  uint32_t keys = reader->keys[under].keys;
  reader->depth++;
  *++reader->open = (open_container){.start = offset(reader, place), .base = (uint32_t)(waiting - first_waiting(reader)),
                                     .keys = keys, .next = keys, .under = under, .is_object = *place == '{'};
}

static bool open_container_at(indexer *reader, const uint8_t *place) {
  if (reader->depth >= reader->maximum_depth) return fail(reader, RL_JSON_DEPTH, place) != NULL;
  if (reader->context->interrupt != RL_NOT_INTERRUPTED) return fail(reader, RL_JSON_STOPPED, place) != NULL;
  if (!reserve_open(reader, (size_t)reader->depth + 1)) return false;
  begin_container(reader, reader->waiting, place, reader->under);
  return true;
}

// Makes a list of the keys that wait with their values.
static bool make_list(indexer *reader, uint32_t count) {
  json_buffer *keys = &reader->json->index.keys;
  if (!reserve(reader, keys, ((size_t)reader->key_count + count + 1) * sizeof(json_key_place))) return false;
  json_key_place *list = keys->bytes;
  json_place *children = first_waiting(reader) + reader->open->base;
  const json_key_place *shared = list + reader->open->keys;
  reader->keys = list;
  reader->open->keys = reader->key_count;
  for (uint32_t number = 0; number < count; number++) {
    json_place value = children[2 * number + 1];
    list[reader->key_count++] = number < reader->open->shared ? shared[number] : describe_key(reader, children[2 * number], value);
    children[number] = value;
  }
  list[reader->key_count++] = (json_key_place){0};
  return true;
}

static __attribute__((noinline)) bool reserve_parts(indexer *reader, size_t count) {
  json_index_buffers *buffers = &reader->json->index;
  if (!reserve(reader, &buffers->containers, ((size_t)reader->container_count + 1) * sizeof(json_container)) ||
      !reserve(reader, &buffers->values, ((size_t)reader->value_count + count) * sizeof(json_place))) {
    return false;
  }
  reader->containers = buffers->containers.bytes;
  reader->values = buffers->values.bytes;
  reader->container_capacity = (uint32_t)(buffers->containers.capacity / sizeof(json_container));
  reader->value_capacity = (uint32_t)(buffers->values.capacity / sizeof(json_place));
  return true;
}

RL_INLINE bool has_room(const indexer *reader, uint32_t count) {
  return reader->container_count < reader->container_capacity && count <= reader->value_capacity - reader->value_count;
}

// Closes the innermost container, whose last byte is at a place and for which there is room. Its children make way for it.
RL_INLINE void end_container(indexer *reader, json_place *children, uint32_t count, const uint8_t *place) {
  const open_container *open = reader->open--;
  json_place *values = reader->values + reader->value_count;
#pragma clang loop vectorize(disable)
  for (uint32_t number = 0; number < count; number++) values[number] = children[number];
  reader->containers[reader->container_count] =
      (json_container){.start = open->start, .end = offset(reader, place + 1), .first = reader->value_count, .count = count,
                       .keys = open->is_object ? open->keys : 0};
  if (open->is_object) reader->keys[open->under].keys = open->keys;
  *children = JSON_CONTAINER | reader->container_count++;
  reader->value_count += count;
  reader->depth--;
}

// Closes the innermost container, whose last byte is at a place; returns the place behind it.
static const uint8_t *close_container(indexer *reader, const uint8_t *place) {
  uint32_t count = count_waiting(reader);
  if (reader->open->has_own && !make_list(reader, count /= 2)) return NULL;
  if (reader->waiting == reader->limit && !reserve_waiting(reader, 1)) return NULL;
  if (!has_room(reader, count) && !reserve_parts(reader, count)) return NULL;
  json_place *children = first_waiting(reader) + reader->open->base;
  end_container(reader, children, count, place);
  reader->waiting = children + 1;
  return place + 1;
}

// --- members and elements

// Reads as long as all is as expected and its ends are known: members, and objects in objects and arrays. Returns the place where that
// ends, which is that of a value when `*is_value` becomes true.
RL_INLINE const uint8_t *read_expected(indexer *reader, const uint8_t *place, bool *is_value) {
  const uint8_t *text = reader->text.start;
  const uint32_t *end = reader->ends.next, *last = reader->ends.last - 2;
  json_place *waiting = reader->waiting, *limit = reader->limit - 4;
  const json_key_place *key = &reader->keys[reader->open->next];
  bool has_own = reader->open->has_own;
  while (end <= last) {
    // Most members have short keys and plain strings.
    while (key->length > 0 && is_same(text + key->before, place, key->mask)) {
      const uint8_t *quote = place + key->length;
      uint32_t closing = end[1];
      if (*quote != '"' || closing >= JSON_ESCAPES || has_own) break;
      *waiting++ = json_make_place((uint32_t)(quote - text), closing);
      place = text + closing + 1;
      key++;
      end += 2;
      if (end > last) goto done;
    }
    if (is_expected(&reader->text, key, place)) {
      if (has_own) *waiting++ = json_make_place((uint32_t)(place - text) + (json_start(key->key) - key->before), *end);
      place += abs(key->length);
      key++;
      place = json_skip_space(place);  // of which there may be more than before
      if (*place == '"') {
        *waiting++ = json_make_place((uint32_t)(place - text), end[1]);
        const uint8_t *closing = text + (end[1] & ~JSON_ESCAPES);
        bool is_right = end[1] < JSON_ESCAPES || rl_json_check_escapes(&reader->text, place, closing);
        place = is_right ? closing + 1 : NULL;
        end += 2;
        if (place == NULL) break;
        continue;
      }
      end++;
      if (!is_bracket(*place)) {
        place = scalar(reader, place, waiting++);
        if (place == NULL) break;
        continue;
      }
      reader->under = (uint32_t)(key - reader->keys) - 1;
      reader->open->next = reader->under + 1;
      if (*place == '[' || !may_open(reader)) {
        *is_value = true;
        break;
      }
    } else {
      json_place *children = first_waiting(reader) + reader->open->base;
      uint32_t count = (uint32_t)(waiting - children);
      if (*place != '}' || has_own || !has_room(reader, count) || waiting > limit) break;
      end_container(reader, children, count, place++);
      waiting = children + 1;
      key = &reader->keys[reader->open->next];
      has_own = reader->open->has_own;
      if (reader->open->is_object) continue;
      // In an array the next object may follow.
      if (reader->depth == 0 || place[0] != ',' || place[1] != '{' || !may_open(reader)) break;
      place++;
      reader->under = reader->open->under;
    }
    begin_container(reader, waiting, place++, reader->under);
    key = &reader->keys[reader->open->next];
    has_own = false;
  }
done:
  reader->waiting = waiting;
  reader->ends.next = (uint32_t *)end;
  reader->open->next = (uint32_t)(key - reader->keys);
  return place;
}

static const uint8_t *read_expected_plainly(indexer *reader, const uint8_t *place, bool *is_value) {
  return read_expected(reader, place, is_value);
}

RL_WIDE static const uint8_t *read_expected_widely(indexer *reader, const uint8_t *place, bool *is_value) {
  return read_expected(reader, place, is_value);
}

static const uint8_t *expected_members(indexer *reader, const uint8_t *place, bool *is_value) {
  if (reader->keys[reader->open->next].length == 0) return place;
  do {
    if (!rl_json_find_ends(&reader->ends, reader->json->index.ends.bytes, place)) return place;
    size_t most = 2 * (size_t)(reader->ends.last - reader->ends.next) + 4;
    if ((size_t)(reader->limit - reader->waiting) < most && !reserve_waiting(reader, most)) return NULL;
    place = reader->ends.block_bytes > 16 ? read_expected_widely(reader, place, is_value) : read_expected_plainly(reader, place, is_value);
  } while (place != NULL && !*is_value && reader->depth > 0 && reader->open->is_object && reader->ends.last - reader->ends.next < 2);
  return place;
}

// Reads a key that is not where it was expected, up to its value.
static __attribute__((noinline)) const uint8_t *key(indexer *reader, const uint8_t *place) {
  if (RL_UNLIKELY(*place != '"')) return fail(reader, RL_JSON_EXPECTED_KEY, place);
  if (reader->context->interrupt != RL_NOT_INTERRUPTED) return fail(reader, RL_JSON_STOPPED, place);
  json_place read;
  const uint8_t *end = text(reader, place, &read);
  if (end == NULL) return NULL;
  bool is_next = find_expected(reader, read);
  if (!is_next && !reader->open->has_own && !leave_list(reader)) return NULL;
  if (reader->open->has_own && !wait_for_close(reader, read)) return NULL;
  end = json_skip_space(end);
  if (RL_UNLIKELY(*end != ':')) return fail(reader, RL_JSON_EXPECTED_COLON, end);
  return json_skip_space(end + 1);
}

// Goes on in an object, behind its bracket or a value.
static const uint8_t *members(indexer *reader, const uint8_t *place, bool *is_value) {
  place = expected_members(reader, place, is_value);
  // It may have gone on to another container.
  if (place == NULL || *is_value || !reader->open->is_object) return place;
  place = json_skip_space(place);
  if (*place == '}') return close_container(reader, place);
  *is_value = true;
  if (count_waiting(reader) == 0) return key(reader, place);
  if (RL_UNLIKELY(*place != ',')) return fail(reader, RL_JSON_EXPECTED_MEMBER, place);
  return key(reader, json_skip_space(place + 1));
}

// Goes on in an array, behind a value; the elements are read up to one that is a container.
static const uint8_t *elements(indexer *reader, const uint8_t *place, bool *is_value) {
  reader->under = reader->open->under;
  for (uint32_t count = 1; place != NULL; count++) {
    place = json_skip_space(place);
    if (*place == ']') return close_container(reader, place);
    if (RL_UNLIKELY(*place != ',')) return fail(reader, RL_JSON_EXPECTED_ELEMENT, place);
    if (RL_UNLIKELY((count & 4095) == 0) && reader->context->interrupt != RL_NOT_INTERRUPTED) {
      return fail(reader, RL_JSON_STOPPED, place);
    }
    place = json_skip_space(place + 1);
    if (is_bracket(*place)) {
      *is_value = true;
      return place;
    }
    if (!wait_for_close(reader, 0)) return NULL;
    place = scalar(reader, place, reader->waiting - 1);
  }
  return NULL;
}

// Reads a scalar, or the bracket of a container and, of an array, up to its first element.
static const uint8_t *value(indexer *reader, const uint8_t *place, bool *is_value) {
  *is_value = false;
  if (!is_bracket(*place)) {
    return wait_for_close(reader, 0) ? scalar(reader, place, reader->waiting - 1) : NULL;
  }
  if (!open_container_at(reader, place)) return NULL;
  if (*place++ == '{') return place;
  place = json_skip_space(place);
  if (*place == ']') return close_container(reader, place);
  *is_value = true;
  return place;
}

// --- the whole text

static void read_text(indexer *reader) {
  const uint8_t *place = reader->text.start;
  if (reader->text.end - place >= 3 && memcmp(place, "\xEF\xBB\xBF", 3) == 0) {
    fail(reader, RL_JSON_BYTE_ORDER_MARK, place);
    return;
  }
  place = json_skip_space(place);
  bool is_value = true;
  while (place != NULL && (is_value || reader->depth > 0)) {
    if (is_value) {
      place = value(reader, place, &is_value);
    } else if (reader->open->is_object) {
      place = members(reader, place, &is_value);
    } else {
      place = elements(reader, place, &is_value);
    }
  }
  if (place == NULL) return;
  place = json_skip_space(place);
  if (place != reader->text.end) fail(reader, RL_JSON_TRAILING, place);
}

static bool begin(indexer *reader) {
  json_buffer *keys = &reader->json->index.keys;
  if (!reserve(reader, &reader->json->index.ends, ENDS_ROOM * sizeof(uint32_t))) return false;
  if (!reserve(reader, keys, FIRST_KEYS * sizeof(json_key_place)) || !reserve_waiting(reader, 1)) return false;
  if (!reserve_open(reader, 0)) return false;
  reader->open = reader->json->index.open.bytes;
  *reader->open = (open_container){0};
  json_key_place *list = keys->bytes;
  list[KEY_OF_TEXT] = (json_key_place){.keys = NO_KEYS};
  list[NO_KEYS] = (json_key_place){0};
  reader->keys = list;
  reader->key_count = FIRST_KEYS;
  return true;
}

// Gives back what a page of records does not need.
static void trim_buffers(json_index_buffers *buffers) {
  json_buffer *all[] = {&buffers->open, &buffers->waiting, &buffers->containers, &buffers->values, &buffers->keys};
  for (size_t index = 0; index < sizeof all / sizeof *all; index++) {
    if (RL_LIKELY(all[index]->capacity <= BUFFER_KEPT / 4)) continue;
    free(all[index]->bytes);
    *all[index] = (json_buffer){0};
  }
}

// Pushes a document with all that was found.
static bool make_document(indexer *reader, rl_json_reading options) {
  const json_index_buffers *buffers = &reader->json->index;
  size_t container_bytes = reader->container_count * sizeof(json_container);
  size_t key_bytes = reader->key_count * sizeof(json_key_place), value_bytes = reader->value_count * sizeof(json_place);
  size_t size = sizeof(json_document) + value_bytes + key_bytes + container_bytes;
  if (!rl_has_memory(reader->lua, size)) return fail(reader, RL_JSON_MEMORY, reader->text.start) != NULL;
  json_document *document = lua_newuserdatauv(reader->lua, size, 0);
  // Words before halves of words.
  char *values = (char *)(document + 1), *keys = values + value_bytes, *containers = keys + key_bytes;
  if (value_bytes > 0) memcpy(values, buffers->values.bytes, value_bytes);
  memcpy(keys, buffers->keys.bytes, key_bytes);
  if (container_bytes > 0) memcpy(containers, buffers->containers.bytes, container_bytes);
  *document = (json_document){.text = reader->text.start, .length = (size_t)(reader->text.end - reader->text.start),
                              .options = options, .root = *first_waiting(reader),
                              .containers = (const json_container *)containers, .keys = (const json_key_place *)keys,
                              .values = (const json_place *)values};
  return true;
}

rl_json_fault rl_json_index(lua_State *lua, const uint8_t *text, size_t length, rl_json_reading options) {
  rl_json *json = rl_json_of(lua);
  if (json == NULL || length >= INT32_MAX) return (rl_json_fault){.problem = RL_JSON_MEMORY};
  indexer reader = {.text = {.start = text, .end = text + length}, .lua = lua, .context = rl_context_of(lua), .json = json,
                    .maximum_depth = options.maximum_depth};
  reader.ends = (json_ends){.text = text, .end = text + length, .place = text, .valid = text, .block_bytes = rl_json_block_bytes()};
  if (begin(&reader)) read_text(&reader);
  if (reader.text.problem == RL_JSON_OK) make_document(&reader, options);
  rl_json_trim(&json->scratch);
  trim_buffers(&json->index);
  if (reader.text.problem == RL_JSON_OK) return (rl_json_fault){.problem = RL_JSON_OK};
  return (rl_json_fault){.problem = reader.text.problem, .offset = (size_t)(reader.text.place - text)};
}
