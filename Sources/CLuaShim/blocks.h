// Small blocks of memory for one state, all freed with it. Inline, because a script asks for millions of them.
#pragma once

#include "internal.h"

enum { RL_PAGE_BYTES = 8 * 1024, RL_SLAB_PAGES = 8 };

typedef struct rl_free_block {
  struct rl_free_block *next;
} rl_free_block;

typedef struct rl_page {
  struct rl_page *next, *previous;  // among the pages of a size with free blocks, or among the empty pages
  rl_free_block *freed;
  char *fresh;         // blocks from here on were never given out
  uint32_t live;       // how many were, and not released
  uint32_t size;       // of a block
  bool is_listed;
  struct rl_page *slab;  // in the first page of a slab: the slab before it
} rl_page;

// A state that holds less than this asks malloc, so that thousands of small ones fit into memory.
enum { RL_BLOCKS_FROM_BYTES = 96 * 1024 };

// Whether a size is one that may come from here. Under AddressSanitizer none does, so that it sees where each block ends.
static inline bool rl_is_small(size_t size) {
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
  return false;
#endif
#endif
  return size <= 16 * RL_BLOCK_SIZES;
}

// Whether a block came from here: all of them lie 8 bytes behind a multiple of 16, and those of malloc at one.
static inline bool rl_is_block(const void *block) { return ((uintptr_t)block & 8) != 0; }

static inline size_t rl_block_index(size_t size) { return (size + 15) / 16 - 1; }

// Gives a size another page; returns NULL when the machine is out of memory.
rl_page *rl_begin_page(rl_blocks *blocks, size_t size);
void rl_list_page(rl_blocks *blocks, rl_page *page);
void rl_unlist_page(rl_blocks *blocks, rl_page *page);
void rl_free_blocks(rl_blocks *blocks);

// Returns NULL when the machine is out of memory. The size is a small one.
static inline void *rl_allocate_block(rl_blocks *blocks, size_t size) {
  rl_page *page = blocks->pages[rl_block_index(size)];
  if (__builtin_expect(page == NULL, 0)) {
    page = rl_begin_page(blocks, size);
    if (page == NULL) return NULL;
  }
  void *block = page->freed;
  if (block != NULL) {
    page->freed = page->freed->next;
  } else {
    block = page->fresh;
    page->fresh += page->size;
  }
  page->live++;
  bool is_used_up = page->freed == NULL && page->fresh + page->size > (const char *)page + RL_PAGE_BYTES;
  if (__builtin_expect(is_used_up, 0)) rl_unlist_page(blocks, page);
  return block;
}

static inline void rl_release_block(rl_blocks *blocks, void *block) {
  rl_page *page = (rl_page *)((uintptr_t)block & ~(uintptr_t)(RL_PAGE_BYTES - 1));
  rl_free_block *freed = block;
  freed->next = page->freed;
  page->freed = freed;
  if (__builtin_expect(--page->live == 0, 0)) {
    if (page->is_listed) rl_unlist_page(blocks, page);
    page->next = blocks->empty;
    blocks->empty = page;
  } else if (__builtin_expect(!page->is_listed, 0)) {
    rl_list_page(blocks, page);
  }
}
