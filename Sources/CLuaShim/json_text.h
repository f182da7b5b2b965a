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

// The top bit of each byte of a word.
#define RL_TOP_BITS (UINT64_C(0x8080808080808080))

static inline rl_block rl_load_block(const uint8_t *bytes) {
  rl_block block;
  memcpy(&block, bytes, sizeof block);
  return block;
}

// One bit for each byte of a block whose top bit is set, the first byte lowest.
static inline uint32_t rl_top_bits(rl_block block) {
#ifdef __SSE2__
  return (uint32_t)__builtin_ia32_pmovmskb128((__attribute__((vector_size(16))) char)block);
#else
  uint32_t bits = 0;
  for (int index = 0; index < 16; index++) bits |= (uint32_t)(block[index] >> 7) << index;
  return bits;
#endif
}

// One bit for each byte that is a quote, a backslash or a control character.
static inline uint32_t rl_special_in_block(rl_block block) {
  return rl_top_bits((rl_block)((block == '"') | (block == '\\') | (block < 0x20)));
}

static inline uint64_t rl_special_in_word(uint64_t word) {
  const uint64_t ones = UINT64_C(0x0101010101010101);
  uint64_t quotes = word ^ (ones * '"'), backslashes = word ^ (ones * '\\');
  return (((quotes - ones) & ~quotes) | ((backslashes - ones) & ~backslashes) | ((word - ones * 0x20) & ~word)) &
         RL_TOP_BITS;
}

static inline uint64_t rl_load_word(const uint8_t *bytes) {
  uint64_t word;
  memcpy(&word, bytes, sizeof word);
  return word;
}

// Copies a string that needs no escapes; returns false when it needs some, and what was written is void.
//
// Up to `length` bytes are written. The last block overlaps the one before it, so that no string ends byte by byte. `high`
// becomes whether the string holds bytes above 127.
static inline bool rl_copy_plain_text(uint8_t *target, const uint8_t *text, size_t length, bool *high) {
  if (length >= 16) {
    rl_block seen = {0};
    for (size_t offset = 0;;) {
      rl_block block = rl_load_block(text + offset);
      if (rl_special_in_block(block) != 0) return false;
      memcpy(target + offset, &block, sizeof block);
      seen |= block;
      if (offset == length - 16) break;
      offset += 16;
      if (offset > length - 16) offset = length - 16;
    }
    *high = rl_top_bits(seen) != 0;
    return true;
  }
  if (length >= 8) {
    uint64_t first = rl_load_word(text), last = rl_load_word(text + length - 8);
    memcpy(target, &first, 8);
    memcpy(target + length - 8, &last, 8);
    *high = ((first | last) & RL_TOP_BITS) != 0;
    return (rl_special_in_word(first) | rl_special_in_word(last)) == 0;
  }
  if (length >= 4) {
    uint32_t first, last;
    memcpy(&first, text, 4);
    memcpy(&last, text + length - 4, 4);
    memcpy(target, &first, 4);
    memcpy(target + length - 4, &last, 4);
    uint64_t word = first | (uint64_t)last << 32;
    *high = (word & RL_TOP_BITS) != 0;
    return rl_special_in_word(word) == 0;
  }
  uint8_t seen = 0;
  for (size_t offset = 0; offset < length; offset++) {
    uint8_t byte = text[offset];
    if (byte == '"' || byte == '\\' || byte < 0x20) return false;
    target[offset] = byte;
    seen |= byte;
  }
  *high = seen > 127;
  return true;
}

// Returns the offset of the first quote, backslash or control character at or after `offset`, or `length`. `high` becomes
// true when a byte above 127 comes before it.
static inline size_t rl_end_of_plain_text(const uint8_t *text, size_t offset, size_t length, bool *high) {
  uint32_t seen = 0;
  while (length - offset >= 16) {
    rl_block block = rl_load_block(text + offset);
    uint32_t special = rl_special_in_block(block);
    if (special != 0) {
      uint32_t before = (special & -special) - 1;
      if ((seen | (rl_top_bits(block) & before)) != 0) *high = true;
      return offset + (size_t)__builtin_ctz(special);
    }
    seen |= rl_top_bits(block);
    offset += 16;
  }
  while (offset < length) {
    uint8_t byte = text[offset];
    if (byte == '"' || byte == '\\' || byte < 0x20) break;
    seen |= byte & 0x80;
    offset++;
  }
  if (seen != 0) *high = true;
  return offset;
}

#pragma clang assume_nonnull end
