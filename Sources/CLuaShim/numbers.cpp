// Decimal to double and back, by the C++ library: correctly rounded, shortest, without a locale, and without memory.
#include "json_number.h"

#include <charconv>
#include <cstdint>

namespace {

// Whether a number that no double comes near is a huge one, and not one next to zero. `text` has no sign.
bool is_huge(const char *text, const char *end) {
  int64_t magnitude = 0;  // where the first digit above 0 stands, counted from the point
  bool is_found = false, is_fraction = false;
  for (; text < end && *text != 'e' && *text != 'E'; text++) {
    if (*text == '.') {
      is_fraction = true;
    } else if (!is_fraction) {
      is_found = is_found || *text != '0';
      magnitude += is_found;
    } else if (!is_found) {
      is_found = *text != '0';
      magnitude -= !is_found;
    }
  }
  int64_t exponent = 0;
  bool is_negative = false;
  for (; text < end; text++) {
    if (*text == '-') is_negative = true;
    if (*text >= '0' && *text <= '9' && exponent < INT64_C(1) << 50) exponent = exponent * 10 + (*text - '0');
  }
  return magnitude + (is_negative ? -exponent : exponent) > 0;
}

}  // namespace

extern "C" bool rl_parse_double(const char *text, size_t length, double *value) {
  const char *end = text + length;
  if (std::from_chars(text, end, *value).ec == std::errc()) return true;
  bool is_negative = *text == '-';
  if (is_huge(text + is_negative, end)) return false;
  *value = is_negative ? -0.0 : 0.0;
  return true;
}

extern "C" size_t rl_write_double(char *target, double value) {
  double magnitude = value < 0 ? -value : value;
  bool is_fixed = magnitude >= 1e-4 && magnitude < 1e16;
  std::chars_format format = is_fixed ? std::chars_format::fixed : std::chars_format::scientific;
  char *end = std::to_chars(target, target + RL_DOUBLE_BYTES, value, format).ptr;
  if (is_fixed && magnitude >= 0x1p53) {
    // An integer, which would read back as one.
    *end++ = '.';
    *end++ = '0';
  }
  return static_cast<size_t>(end - target);
}
