#include "json_ends.h"

#include <stdatomic.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// --- which instructions

static atomic_int block_limit = 64;

void rl_json_limit_blocks(int bytes) { atomic_store_explicit(&block_limit, bytes, memory_order_relaxed); }

int rl_json_block_bytes(void) {
#if defined(__x86_64__)
  int limit = atomic_load_explicit(&block_limit, memory_order_relaxed);
  bool is_wide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt") &&
                 __builtin_cpu_supports("pclmul");
  if (limit < 32 || !is_wide) return 16;
  bool is_widest = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi2");
  return limit < 64 || !is_widest ? 32 : 64;
#else
  return 16;
#endif
}

// --- what is in a block

typedef uint8_t wide_block __attribute__((vector_size(64)));
typedef int8_t signed_block __attribute__((vector_size(64)));
typedef bool bits_of_block __attribute__((ext_vector_type(64)));

// One bit for each byte of a comparison, the first byte lowest.
#define BITS_OF(comparison) bits_of(__builtin_convertvector((comparison), bits_of_block))
RL_INLINE uint64_t bits_of(bits_of_block bits) {
  uint64_t word;
  memcpy(&word, &bits, sizeof word);
  return word;
}

// Whether the characters of a block are UTF-8; `high` has a bit for each byte above 127.
static __attribute__((noinline)) bool check_characters(json_ends *ends, const uint8_t *block, uint64_t high) {
  if (ends->valid > block) high &= UINT64_MAX << (ends->valid - block);
  while (high != 0) {
    int index = __builtin_ctzll(high);
    const uint8_t *place = block + index;
    bool is_pair = (uint8_t)(place[0] - 0xC2) < 0x1E && (place[1] & 0xC0) == 0x80;
    size_t length = RL_LIKELY(is_pair) ? 2 : rl_json_sequence_length(place, (size_t)(ends->end - place));
    if (length == 0) return false;
    ends->valid = place + length;
    high &= ~(((UINT64_C(1) << length) - 1) << index);
  }
  return true;
}

// Which bytes stand behind a backslash that is not behind one itself.
static uint64_t escaped_bytes(json_ends *ends, uint64_t backslashes) {
  uint64_t escaped = ends->is_escaped;
  backslashes &= ~escaped;
  ends->is_escaped = false;
  while (backslashes != 0) {
    uint64_t first = backslashes & -backslashes;
    if (first >> 63 != 0) ends->is_escaped = true;
    escaped |= first << 1;
    backslashes &= ~(first | first << 1);
  }
  return escaped;
}

// Each bit becomes whether the bits up to it and with it are odd in number.
typedef uint64_t parity(uint64_t bits);

RL_INLINE uint64_t parity_up_to(uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

// Stores the offsets of the bits of a block at `offset`, of which there are `count`. More than those are written.
typedef void store(uint32_t *next, uint64_t bits, int count, uint32_t offset);

RL_INLINE void store_offsets(uint32_t *next, uint64_t bits, int count, uint32_t offset) {
  // Most blocks have few: writing too many costs less than guessing how many there are.
  for (int index = 0; index < 6; index++, bits &= bits - 1) next[index] = offset + (uint32_t)__builtin_ctzll(bits);
  for (int index = 6; RL_UNLIKELY(index < count); index++, bits &= bits - 1) {
    next[index] = offset + (uint32_t)__builtin_ctzll(bits);
  }
}

// --- the ends in a text

// Adds the ends in a block with more than printable ASCII in it; returns NULL when a string is no JSON.
static __attribute__((noinline)) uint32_t *add_unusual(json_ends *ends, const uint8_t *place, uint32_t *next) {
  wide_block block;
  memcpy(&block, place, sizeof block);
  uint64_t backslashes = BITS_OF(block == '\\'), controls = BITS_OF(block < 0x20);
  uint64_t quotes = BITS_OF(block == '"') & ~escaped_bytes(ends, backslashes);
  uint64_t inside = parity_up_to(quotes) ^ ends->inside, closing = quotes & ~inside;
  if ((controls & inside) != 0 || (backslashes & ~inside) != 0) return NULL;
  ends->inside = inside >> 63 != 0 ? UINT64_MAX : 0;
  uint32_t offset = (uint32_t)(place - ends->text);
  for (; closing != 0; closing &= closing - 1) {
    uint64_t before = (closing & -closing) - 1;
    if ((backslashes & before) != 0) ends->has_escapes = true;
    *next++ = (offset + (uint32_t)__builtin_ctzll(closing)) | (ends->has_escapes ? JSON_ESCAPES : 0);
    ends->has_escapes = false;
    backslashes &= ~before;
  }
  if (backslashes != 0) ends->has_escapes = true;
  return next;
}

// Adds the ends in the blocks up to a limit; returns the place behind the last one.
RL_INLINE uint32_t *add_ends(json_ends *ends, const uint8_t *limit, uint32_t *next, parity parity, store store) {
  const uint8_t *place = ends->place, *text = ends->text;
  uint64_t open = ends->inside;
  bool is_usual = !ends->has_escapes && !ends->is_escaped;
  for (; place < limit; place += sizeof(wide_block)) {
    wide_block block;
    memcpy(&block, place, sizeof block);
    // Above 127 a byte is negative.
    uint64_t unusual = BITS_OF(((signed_block)block < 0x20) | (block == '\\'));
    if (RL_UNLIKELY(unusual != 0 || !is_usual)) {
      uint64_t high = BITS_OF((signed_block)block < 0);
      ends->is_over = !check_characters(ends, place, high);
      if (ends->is_over) break;
      if (high != unusual || !is_usual) {
        ends->inside = open;
        uint32_t *added = add_unusual(ends, place, next);
        ends->is_over = added == NULL;
        if (added == NULL) break;
        next = added;
        open = ends->inside;
        is_usual = !ends->has_escapes && !ends->is_escaped;
        continue;
      }
    }
    uint64_t quotes = BITS_OF(block == '"');
    uint64_t inside = parity(quotes) ^ open, closing = quotes & ~inside;
    open = (uint64_t)((int64_t)inside >> 63);
    int count = __builtin_popcountll(closing);
    store(next, closing, count, (uint32_t)(place - text));
    next += count;
  }
  ends->place = place;
  ends->inside = open;
  return next;
}

static uint32_t *add_ends_plainly(json_ends *ends, const uint8_t *limit, uint32_t *next) {
  return add_ends(ends, limit, next, parity_up_to, store_offsets);
}

#if defined(__x86_64__)

// Multiplying by ones without carries adds up all bits below.
RL_WIDE RL_INLINE uint64_t fast_parity_up_to(uint64_t bits) {
  return (uint64_t)_mm_cvtsi128_si64(_mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)bits), _mm_set1_epi8(-1), 0));
}

RL_WIDE static uint32_t *add_ends_widely(json_ends *ends, const uint8_t *limit, uint32_t *next) {
  return add_ends(ends, limit, next, fast_parity_up_to, store_offsets);
}

RL_WIDEST RL_INLINE void store_compressed(uint32_t *next, uint64_t bits, int count, uint32_t offset) {
  static const uint8_t numbers[64] __attribute__((aligned(64))) = {
      0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
      32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
  __m512i chosen = _mm512_maskz_compress_epi8(bits, _mm512_load_si512(numbers)), base = _mm512_set1_epi32((int)offset);
  _mm512_storeu_si512(next, _mm512_add_epi32(_mm512_cvtepu8_epi32(_mm512_castsi512_si128(chosen)), base));
  // Of 64 bytes no more than 32 are closing quotes.
  if (RL_LIKELY(count <= 16)) return;
  _mm512_storeu_si512(next + 16, _mm512_add_epi32(_mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(chosen, 1)), base));
}

RL_WIDEST static uint32_t *add_ends_most_widely(json_ends *ends, const uint8_t *limit, uint32_t *next) {
  return add_ends(ends, limit, next, fast_parity_up_to, store_compressed);
}

static uint32_t *add_ends_up_to(json_ends *ends, const uint8_t *limit, uint32_t *next) {
  switch (ends->block_bytes) {
    case 64: return add_ends_most_widely(ends, limit, next);
    case 32: return add_ends_widely(ends, limit, next);
    default: return add_ends_plainly(ends, limit, next);
  }
}

#else

static uint32_t *add_ends_up_to(json_ends *ends, const uint8_t *limit, uint32_t *next) {
  return add_ends_plainly(ends, limit, next);
}

#endif

bool rl_json_find_ends(json_ends *ends, uint32_t *room, const uint8_t *place) {
  uint32_t offset = (uint32_t)(place - ends->text);
  for (;;) {
    while (ends->next < ends->last && (*ends->next & ~JSON_ESCAPES) < offset) ends->next++;
    if (ends->last - ends->next >= 2) return true;
    if (ends->is_over) return false;
    // What was left behind need not be looked at.
    if (ends->next == ends->last && ends->place <= place) {
      ends->place = place;
      ends->inside = 0;
      ends->has_escapes = ends->is_escaped = false;
    }
    size_t left = (size_t)(ends->end - ends->place), step = ENDS_STEP;
    if (left < 2 * sizeof(wide_block)) return false;
    if (left - sizeof(wide_block) < step) step = (left - sizeof(wide_block)) / sizeof(wide_block) * sizeof(wide_block);
    size_t count = 0;
    for (; ends->next < ends->last; count++) room[count] = *ends->next++;
    ends->next = room;
    ends->last = add_ends_up_to(ends, ends->place + step, room + count);
  }
}
