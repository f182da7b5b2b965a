// The inner loops over the text of JSON strings, sixteen bytes at a time.
//
// In C because Swift's vector masks do not become vector code: the same loops with SIMD16<UInt8> took six times as long.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma clang assume_nonnull begin

#define RL_LIKELY(condition) __builtin_expect((condition) != 0, 1)
#define RL_UNLIKELY(condition) __builtin_expect((condition) != 0, 0)
#define RL_INLINE static inline __attribute__((always_inline))

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
  typedef int8_t signed_block __attribute__((vector_size(16)));
  typedef bool bits_of_block __attribute__((ext_vector_type(16)));
  bits_of_block bits = __builtin_convertvector((signed_block)block < 0, bits_of_block);
  uint16_t word;
  memcpy(&word, &bits, sizeof word);
  return word;
#endif
}

// All bits of each byte that is a quote, a backslash or a control character.
static inline rl_block rl_special_bytes(rl_block block) {
  return (rl_block)((block == '"') | (block == '\\') | (block < 0x20));
}

static inline uint32_t rl_special_in_block(rl_block block) { return rl_top_bits(rl_special_bytes(block)); }

// Reads a block of which only the first bytes are the caller's. What lies behind them in the same page of memory can be read
// too, except that sanitizers watch it.
RL_INLINE rl_block rl_load_part(const uint8_t *bytes, size_t length) {
#if !__has_feature(address_sanitizer) && !__has_feature(memory_sanitizer)
  if (RL_LIKELY(((uintptr_t)bytes & 4095) <= 4096 - sizeof(rl_block))) return rl_load_block(bytes);
#endif
  rl_block block = {0};
  for (size_t index = 0; index < length; index++) block[index] = bytes[index];
  return block;
}

// What a string holds besides plain ASCII.
typedef enum rl_text_kind {
  RL_PLAIN_TEXT,
  RL_HIGH_TEXT,     // bytes above 127
  RL_SPECIAL_TEXT,  // quotes, backslashes or control characters
} rl_text_kind;

// Copies a string as it is; when it holds something special, what was written is void.
//
// Up to 15 bytes behind the string are written. The last block overlaps the one before it, so that no string ends byte by byte.
RL_INLINE rl_text_kind rl_copy_text(uint8_t *target, const uint8_t *text, size_t length) {
  uint32_t own = UINT32_MAX;
  rl_block seen, special;
  if (length < sizeof(rl_block)) {
    seen = rl_load_part(text, length);
    memcpy(target, &seen, sizeof seen);
    special = rl_special_bytes(seen);
    own = (1u << length) - 1;
  } else {
    size_t last = length - sizeof(rl_block);
    seen = rl_load_block(text + last);
    memcpy(target + last, &seen, sizeof seen);
    special = rl_special_bytes(seen);
    for (size_t offset = 0; offset < last; offset += sizeof(rl_block)) {
      rl_block block = rl_load_block(text + offset);
      memcpy(target + offset, &block, sizeof block);
      special |= rl_special_bytes(block);
      seen |= block;
    }
  }
  if (RL_LIKELY((rl_top_bits(seen | special) & own) == 0)) return RL_PLAIN_TEXT;
  return (rl_top_bits(special) & own) == 0 ? RL_HIGH_TEXT : RL_SPECIAL_TEXT;
}

static inline uint64_t rl_load_word(const uint8_t *bytes) {
  uint64_t word;
  memcpy(&word, bytes, sizeof word);
  return word;
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
