// The rules of JSON numbers (RFC 8259, section 6), and what they become in Lua.
#include "json_number.h"
#include "json_internal.h"

static inline bool is_digit(uint8_t byte) { return (uint8_t)(byte - '0') <= 9; }

// Whether all eight bytes of a word are digits.
static inline bool is_eight_digits(uint64_t word) {
  const uint64_t ones = UINT64_C(0x0101010101010101);
  return ((word & (ones * 0xF0)) | (((word + ones * 6) & (ones * 0xF0)) >> 4)) == ones * 0x33;
}

// The value of eight digits, the first in the lowest byte.
static inline uint32_t eight_digits(uint64_t word) {
  word = (word & UINT64_C(0x0F0F0F0F0F0F0F0F)) * 2561 >> 8;
  word = (word & UINT64_C(0x00FF00FF00FF00FF)) * 6553601 >> 16;
  return (uint32_t)((word & UINT64_C(0x0000FFFF0000FFFF)) * UINT64_C(42949672960001) >> 32);
}

static inline const uint8_t *read_digits(json_text *text, const uint8_t *place, uint64_t *value) {
  const uint8_t *start = place;
  uint64_t digits = *value;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  while (text->end - place >= 8) {
    uint64_t word = rl_load_word(place);
    if (!is_eight_digits(word)) break;
    digits = digits * 100000000 + eight_digits(word);
    place += 8;
  }
#endif
  for (; is_digit(*place); place++) digits = digits * 10 + (uint8_t)(*place - '0');
  *value = digits;
  return place == start ? json_fail(text, RL_JSON_EXPECTED_DIGIT, place) : place;
}

static const uint8_t *read_exponent(json_text *text, const uint8_t *place, int64_t *exponent) {
  bool is_negative = *place == '-';
  if (is_negative || *place == '+') place++;
  const uint8_t *start = place;
  int64_t value = 0;
  for (; is_digit(*place); place++) {
    if (value < 1000000) value = value * 10 + (*place - '0');
  }
  if (place == start) return json_fail(text, RL_JSON_EXPECTED_DIGIT, place);
  *exponent += is_negative ? -value : value;
  return place;
}

bool rl_json_read_number(json_text *text, const uint8_t *place, json_number *number) {
  *number = (json_number){.start = place, .is_negative = *place == '-', .is_integer = true};
  const uint8_t *first = place + number->is_negative;
  place = read_digits(text, first, &number->digits);
  if (place == NULL) return false;
  number->count = place - first;
  if (*first == '0' && number->count > 1) return json_fail(text, RL_JSON_LEADING_ZERO, first + 1) != NULL;
  if (*place == '.') {
    number->is_integer = false;
    const uint8_t *fraction = place + 1;
    place = read_digits(text, fraction, &number->digits);
    if (place == NULL) return false;
    number->exponent = fraction - place;
    number->count += place - fraction;
  }
  if ((*place | 0x20) == 'e') {
    number->is_integer = false;
    place = read_exponent(text, place + 1, &number->exponent);
    if (place == NULL) return false;
  }
  number->end = place;
  return true;
}

// Reads an integer of 19 digits or more, or -0; returns false when Lua has no integer for it.
static bool read_long_integer(const json_number *number, lua_Integer *integer) {
  uint64_t magnitude = 0;
  for (const uint8_t *place = number->start + number->is_negative; place < number->end; place++) {
    if (__builtin_mul_overflow(magnitude, 10, &magnitude)) return false;
    if (__builtin_add_overflow(magnitude, (uint64_t)(*place - '0'), &magnitude)) return false;
  }
  if (magnitude > (uint64_t)INT64_MAX + number->is_negative) return false;
  if (magnitude == 0 && number->is_negative) return false;
  *integer = (lua_Integer)(number->is_negative ? 0 - magnitude : magnitude);
  return true;
}

// The powers of ten that a double holds exactly.
static const double powers_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                       1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

// The product of an integer and a power of ten is correctly rounded when both are exact.
//
// Source: Clinger, "How to read floating point numbers accurately", 1990.
static inline bool is_exact(const json_number *number) {
  return number->count <= 19 && number->digits <= UINT64_C(1) << 53 && number->exponent >= -22 && number->exponent <= 22;
}

bool rl_json_round_number(json_text *text, const json_number *number, bool keeps_digits, json_value *value) {
  value->kind = JSON_INTEGER;
  if (number->is_integer) {
    if (number->count <= 18 && (number->digits != 0 || !number->is_negative)) {
      value->integer = number->is_negative ? -(lua_Integer)number->digits : (lua_Integer)number->digits;
      return true;
    }
    if (read_long_integer(number, &value->integer)) return true;
    value->kind = JSON_DIGITS;
    if (keeps_digits && (number->count > 1)) return true;
  }
  value->kind = JSON_FLOAT;
  if (is_exact(number)) {
    double digits = (double)number->digits;
    double magnitude = number->exponent < 0 ? digits / powers_of_ten[-number->exponent]
                                            : digits * powers_of_ten[number->exponent];
    value->number = number->is_negative ? -magnitude : magnitude;
    return true;
  }
  size_t length = (size_t)(number->end - number->start);
  if (rl_parse_double((const char *)number->start, length, &value->number)) return true;
  json_fail(text, RL_JSON_NUMBER_TOO_LARGE, number->start);
  return false;
}
