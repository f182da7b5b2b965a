// Decimal to double and back, by the C++ library: correctly rounded, shortest, without a locale, and without memory.
#include "JSONNumber.h"

#include <charconv>

extern "C" bool rl_parse_double(const char *text, size_t length, double *value) {
  std::from_chars_result result = std::from_chars(text, text + length, *value);
  return result.ec == std::errc() && result.ptr == text + length;
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
