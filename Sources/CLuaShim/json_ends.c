#include "json_ends.h"

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

typedef uint64_t parity(uint64_t bits);

// Each bit becomes whether the bits up to it and with it are odd in number.
RL_INLINE uint64_t parity_up_to(uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
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

// Adds the ends in a block with more than plain ASCII in it; returns NULL when a string is no JSON.
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

typedef void store(uint32_t *next, uint32_t offset, uint64_t closing, int count);

RL_INLINE void store_offsets(uint32_t *next, uint32_t offset, uint64_t closing, int count) {
  // Most blocks have few: writing too many costs less than guessing how many there are.
  for (int index = 0; index < 6; index++, closing &= closing - 1) next[index] = offset + (uint32_t)__builtin_ctzll(closing);
  for (int index = 6; RL_UNLIKELY(index < count); index++, closing &= closing - 1) {
    next[index] = offset + (uint32_t)__builtin_ctzll(closing);
  }
}

// Adds the ends in the blocks up to a limit.
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
      if (!check_characters(ends, place, high)) {
        ends->is_over = true;
        break;
      }
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
    uint32_t offset = (uint32_t)(place - text);
    int count = __builtin_popcountll(closing);
    store(next, offset, closing, count);
    next += count;
  }
  ends->place = place;
  ends->inside = open;
  return next;
}

static uint32_t *add_ends_plainly(json_ends *ends, const uint8_t *limit, uint32_t *next) {
  return add_ends(ends, limit, next, parity_up_to, store_offsets);
}

// Multiplying by ones without carries adds up all bits below.
RL_WIDE RL_INLINE uint64_t fast_parity_up_to(uint64_t bits) {
#if defined(__x86_64__)
  typedef long long words __attribute__((vector_size(16)));
  return (uint64_t)__builtin_ia32_pclmulqdq128((words){(long long)bits, 0}, (words){-1, 0}, 0)[0];
#else
  return parity_up_to(bits);
#endif
}

RL_WIDE static uint32_t *add_ends_widely(json_ends *ends, const uint8_t *limit, uint32_t *next) {
  return add_ends(ends, limit, next, fast_parity_up_to, store_offsets);
}

#include <immintrin.h>
#define WIDEST __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2,avx2,bmi,bmi2,popcnt,pclmul")))
WIDEST RL_INLINE void store_compressed(uint32_t *next, uint32_t offset, uint64_t closing, int count) {
  const __m512i idx=_mm512_setr_epi64(0x0706050403020100,0x0f0e0d0c0b0a0908,0x1716151413121110,0x1f1e1d1c1b1a1918,0x2726252423222120,0x2f2e2d2c2b2a2928,0x3736353433323130,0x3f3e3d3c3b3a3938);
  __m512i c=_mm512_maskz_compress_epi8(closing,idx);
  _mm512_storeu_si512(next,_mm512_add_epi32(_mm512_cvtepu8_epi32(_mm512_castsi512_si128(c)),_mm512_set1_epi32((int)offset)));
  if (RL_UNLIKELY(count > 16)) _mm512_storeu_si512(next+16,_mm512_add_epi32(_mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(c,1)),_mm512_set1_epi32((int)offset)));
}
WIDEST static uint32_t *add_ends_widest(json_ends *ends, const uint8_t *limit, uint32_t *next) {
  return add_ends(ends, limit, next, fast_parity_up_to, store_compressed);
}

bool rl_json_find_ends(json_ends *ends, uint32_t *room, const uint8_t *place) {
  uint32_t offset = (uint32_t)(place - ends->text);
  for (;;) {
    while (ends->next < ends->last && (*ends->next & ~JSON_ESCAPES) < offset) ends->next++;
    if (ends->last - ends->next >= 2) return true;
    // The last bytes are left out, so that more than a block can be read at each string that is found.
    size_t left = (size_t)(ends->end - ends->place);
    if (ends->is_over || left < 2 * sizeof(wide_block)) return false;
    if (ends->next == ends->last && ends->place <= place) {
      ends->place = place;
      ends->inside = 0;
      ends->has_escapes = ends->is_escaped = false;
      left = (size_t)(ends->end - ends->place);
      if (left < 2 * sizeof(wide_block)) return false;
    }
    size_t count = 0;
    for (; ends->next < ends->last; count++) room[count] = *ends->next++;
    size_t bytes = left / sizeof(wide_block) * sizeof(wide_block) - sizeof(wide_block);
    if (bytes > ENDS_STEP) bytes = ENDS_STEP;
    ends->next = room;
    const uint8_t *limit = ends->place + bytes;
    ends->last = __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512bw") ? add_ends_widest(ends, limit, room+count) : rl_json_is_wide() ? add_ends_widely(ends, limit, room + count) : add_ends_plainly(ends, limit, room + count);
  }
}
