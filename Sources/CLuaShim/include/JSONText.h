// The inner loops over the text of JSON strings, sixteen bytes at a time.
//
// In C because Swift's vector masks do not become vector code: the same loops with SIMD16<UInt8> took six times as long.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma clang assume_nonnull begin

typedef uint8_t rl_block __attribute__((vector_size(16)));
typedef uint64_t rl_words __attribute__((vector_size(16)));

static inline rl_block rl_load_block(const uint8_t *bytes) {
  rl_block block;
  memcpy(&block, bytes, sizeof block);
  return block;
}

// All bits of a byte are set where a quote, a backslash or a control character stands.
static inline rl_words rl_special_in_block(rl_block block) {
  return (rl_words)((block == '"') | (block == '\\') | (block < 0x20));
}

static inline uint64_t rl_special_in_word(uint64_t word) {
  const uint64_t ones = UINT64_C(0x0101010101010101);
  uint64_t quotes = word ^ (ones * '"'), backslashes = word ^ (ones * '\\');
  return (((quotes - ones) & ~quotes) | ((backslashes - ones) & ~backslashes) | ((word - ones * 0x20) & ~word)) &
         (ones * 0x80);
}

static inline uint64_t rl_load_word(const uint8_t *bytes) {
  uint64_t word;
  memcpy(&word, bytes, sizeof word);
  return word;
}

// Copies a string that needs no escapes; returns false when it needs some, and what was written is void.
//
// Up to `length` bytes are written. The last block overlaps the one before it, so that no string ends byte by byte. `high`
// gets the top bit of some byte when the string holds bytes above 127.
static inline bool rl_copy_plain_text(uint8_t *target, const uint8_t *text, size_t length, uint64_t *high) {
  if (length >= 16) {
    rl_block seen = {0};
    for (size_t offset = 0;;) {
      rl_block block = rl_load_block(text + offset);
      rl_words special = rl_special_in_block(block);
      if ((special[0] | special[1]) != 0) return false;
      memcpy(target + offset, &block, sizeof block);
      seen |= block;
      if (offset == length - 16) break;
      offset += 16;
      if (offset > length - 16) offset = length - 16;
    }
    *high = ((rl_words)seen)[0] | ((rl_words)seen)[1];
    return true;
  }
  if (length >= 8) {
    uint64_t first = rl_load_word(text), last = rl_load_word(text + length - 8);
    memcpy(target, &first, 8);
    memcpy(target + length - 8, &last, 8);
    *high = first | last;
    return (rl_special_in_word(first) | rl_special_in_word(last)) == 0;
  }
  if (length >= 4) {
    uint32_t first, last;
    memcpy(&first, text, 4);
    memcpy(&last, text + length - 4, 4);
    memcpy(target, &first, 4);
    memcpy(target + length - 4, &last, 4);
    *high = first | (uint64_t)last << 32;
    return rl_special_in_word(*high) == 0;
  }
  uint64_t seen = 0;
  for (size_t offset = 0; offset < length; offset++) {
    uint8_t byte = text[offset];
    if (byte == '"' || byte == '\\' || byte < 0x20) return false;
    target[offset] = byte;
    seen |= byte;
  }
  *high = seen;
  return true;
}

// Returns the offset of the first quote, backslash or control character at or after `offset`, or `length`. `high` gets the
// top bit of some byte when a byte above 127 comes before it.
static inline size_t rl_end_of_plain_text(const uint8_t *text, size_t offset, size_t length, uint64_t *high) {
  rl_block seen = {0};
  while (length - offset >= 16) {
    rl_block block = rl_load_block(text + offset);
    rl_words special = rl_special_in_block(block);
    if ((special[0] | special[1]) != 0) {
      bool isLow = special[0] != 0;
      size_t plain = (size_t)__builtin_ctzll(isLow ? special[0] : special[1]) / 8;
      rl_words words = (rl_words)block;
      uint64_t before = isLow ? 0 : words[0];
      uint64_t rest = (isLow ? words[0] : words[1]) & ((UINT64_C(1) << (plain * 8)) - 1);
      *high |= before | rest | ((rl_words)seen)[0] | ((rl_words)seen)[1];
      return offset + plain + (isLow ? 0 : 8);
    }
    seen |= block;
    offset += 16;
  }
  uint64_t rest = ((rl_words)seen)[0] | ((rl_words)seen)[1];
  while (offset < length) {
    uint8_t byte = text[offset];
    if (byte == '"' || byte == '\\' || byte < 0x20) break;
    rest |= byte;
    offset++;
  }
  *high |= rest;
  return offset;
}

#pragma clang assume_nonnull end
