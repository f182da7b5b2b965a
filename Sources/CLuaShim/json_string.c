// The rules of JSON strings: escapes (RFC 8259, section 7) and UTF-8.
#include "json_internal.h"

// Source: the Unicode standard, table 3-7. Overlong forms, surrogates and values above U+10FFFF are not well-formed.
size_t rl_json_sequence_length(const uint8_t *place, size_t left) {
  uint8_t first = place[0], least = 0x80, most = 0xBF;
  size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (first < 0xC2 || first > 0xF4 || length > left) return 0;
  if (first == 0xE0) least = 0xA0;
  if (first == 0xED) most = 0x9F;
  if (first == 0xF0) least = 0x90;
  if (first == 0xF4) most = 0x8F;
  if (place[1] < least || place[1] > most) return 0;
  for (size_t index = 2; index < length; index++) {
    if ((place[index] & 0xC0) != 0x80) return 0;
  }
  return length;
}

size_t rl_json_invalid_utf8(const uint8_t *text, size_t length) {
  size_t offset = 0;
  while (offset < length) {
    if (length - offset >= 8 && (rl_load_word(text + offset) & RL_TOP_BITS) == 0) {
      offset += 8;
    } else if (text[offset] < 0x80) {
      offset++;
    } else {
      bool is_pair = (uint8_t)(text[offset] - 0xC2) < 0x1E && offset + 1 < length && (text[offset + 1] & 0xC0) == 0x80;
      size_t sequence = is_pair ? 2 : rl_json_sequence_length(text + offset, length - offset);
      if (sequence == 0) return offset;
      offset += sequence;
    }
  }
  return length;
}

// Reads the four digits of the \u escape at `backslash`; returns -1 for anything else.
static int32_t code_unit(const uint8_t *backslash) {
  int32_t value = 0;
  for (int index = 2; index < 6; index++) {
    uint8_t byte = backslash[index], letter = byte | 0x20;
    if (byte >= '0' && byte <= '9') {
      value = value << 4 | (byte - '0');
    } else if (letter >= 'a' && letter <= 'f') {
      value = value << 4 | (letter - 'a' + 10);
    } else {
      return -1;  // also at the zero byte behind the text
    }
  }
  return value;
}

static uint8_t *put_character(uint8_t *target, uint32_t value) {
  if (value < 0x80) {
    *target++ = (uint8_t)value;
    return target;
  }
  if (value < 0x800) {
    *target++ = (uint8_t)(0xC0 | value >> 6);
  } else {
    if (value < 0x10000) {
      *target++ = (uint8_t)(0xE0 | value >> 12);
    } else {
      *target++ = (uint8_t)(0xF0 | value >> 18);
      *target++ = (uint8_t)(0x80 | (value >> 12 & 0x3F));
    }
    *target++ = (uint8_t)(0x80 | (value >> 6 & 0x3F));
  }
  *target++ = (uint8_t)(0x80 | (value & 0x3F));
  return target;
}

static const uint8_t *unicode_escape(json_text *text, const uint8_t *backslash, uint8_t **target) {
  int32_t value = code_unit(backslash);
  const uint8_t *end = backslash + 6;
  if (value < 0) return json_fail(text, RL_JSON_CODE_UNIT, backslash);
  if ((value & 0xF800) == 0xD800) {
    if (value >= 0xDC00 || end[0] != '\\' || end[1] != 'u') return json_fail(text, RL_JSON_SURROGATE, backslash);
    int32_t low = code_unit(end);
    if (low < 0) return json_fail(text, RL_JSON_CODE_UNIT, end);
    if ((low & 0xFC00) != 0xDC00) return json_fail(text, RL_JSON_SURROGATE, backslash);
    value = 0x10000 + ((value & 0x3FF) << 10) + (low & 0x3FF);
    end += 6;
  }
  *target = put_character(*target, (uint32_t)value);
  return end;
}

static const uint8_t *escape(json_text *text, const uint8_t *backslash, uint8_t **target) {
  uint8_t byte;
  switch (backslash[1]) {
    case '"':
    case '\\':
    case '/': byte = backslash[1]; break;
    case 'b': byte = '\b'; break;
    case 'f': byte = '\f'; break;
    case 'n': byte = '\n'; break;
    case 'r': byte = '\r'; break;
    case 't': byte = '\t'; break;
    case 'u': return unicode_escape(text, backslash, target);
    default: return json_fail(text, RL_JSON_ESCAPE, backslash);
  }
  *(*target)++ = byte;
  return backslash + 2;
}

const uint8_t *rl_json_unescape(json_text *text, const uint8_t *quote, const uint8_t *plain, bool is_high,
                                json_buffer *scratch, size_t *length) {
  const uint8_t *start = quote + 1, *place = plain;
  size_t written = 0;
  if (place == NULL) {
    place = text->start + rl_end_of_plain_text(text->start, (size_t)(start - text->start),
                                               (size_t)(text->end - text->start), &is_high);
  }
  for (;;) {
    // Room for what is copied here, and for one character.
    size_t count = (size_t)(place - start);
    if (!rl_json_reserve(scratch, written + count + 4)) return json_fail(text, RL_JSON_MEMORY, quote);
    uint8_t *target = (uint8_t *)scratch->bytes + written;
    memcpy(target, start, count);
    target += count;
    if (place >= text->end) return json_fail(text, RL_JSON_OPEN_TEXT, quote);
    written = (size_t)(target - (uint8_t *)scratch->bytes);
    if (*place == '"') break;
    if (*place != '\\') return json_fail(text, RL_JSON_CONTROL, place);
    if (place + 1 >= text->end) return json_fail(text, RL_JSON_OPEN_TEXT, quote);
    start = escape(text, place, &target);
    if (start == NULL) return NULL;
    written = (size_t)(target - (uint8_t *)scratch->bytes);
    place = text->start + rl_end_of_plain_text(text->start, (size_t)(start - text->start),
                                               (size_t)(text->end - text->start), &is_high);
  }
  if (is_high && !json_check_utf8(text, quote + 1, place)) return NULL;
  *length = written;
  return place + 1;
}

bool rl_json_check_escapes(json_text *text, const uint8_t *quote, const uint8_t *end) {
  const uint8_t *place = memchr(quote, '\\', (size_t)(end - quote));
  while (place != NULL) {
    uint8_t character[4], *target = character;
    place = escape(text, place, &target);
    if (place == NULL) return false;
    place = memchr(place, '\\', (size_t)(end - place));
  }
  return true;
}
