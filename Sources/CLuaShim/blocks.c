// Lua asks for little but small blocks, of few sizes. They are cut from pages that hold blocks of one size each, which takes a
// third of the time of malloc and free. A page whose blocks are all free again serves any size, and is filled from front to back:
// what is made together stays together, also after much was collected.
#include "blocks.h"

#include <stdlib.h>

static bool add_slab(rl_blocks *blocks) {
  char *slab = aligned_alloc(RL_PAGE_BYTES, RL_PAGE_BYTES * RL_SLAB_PAGES);
  if (slab == NULL) return false;
  for (int index = RL_SLAB_PAGES - 1; index >= 0; index--) {
    rl_page *page = (rl_page *)(slab + index * RL_PAGE_BYTES);
    page->next = blocks->empty;
    blocks->empty = page;
  }
  ((rl_page *)slab)->slab = blocks->slabs;
  blocks->slabs = (rl_page *)slab;
  return true;
}

void rl_list_page(rl_blocks *blocks, rl_page *page) {
  rl_page **first = &blocks->pages[rl_block_index(page->size)];
  page->previous = NULL;
  page->next = *first;
  if (*first != NULL) (*first)->previous = page;
  *first = page;
  page->is_listed = true;
}

void rl_unlist_page(rl_blocks *blocks, rl_page *page) {
  if (page->previous != NULL) {
    page->previous->next = page->next;
  } else {
    blocks->pages[rl_block_index(page->size)] = page->next;
  }
  if (page->next != NULL) page->next->previous = page->previous;
  page->is_listed = false;
}

rl_page *rl_begin_page(rl_blocks *blocks, size_t size) {
  if (blocks->empty == NULL && !add_slab(blocks)) return NULL;
  rl_page *page = blocks->empty;
  blocks->empty = page->next;
  page->freed = NULL;
  page->fresh = (char *)page + (sizeof(rl_page) + 15) / 16 * 16 + 8;
  page->live = 0;
  page->size = (uint32_t)(rl_block_index(size) + 1) * 16;
  rl_list_page(blocks, page);
  return page;
}

void rl_free_blocks(rl_blocks *blocks) {
  while (blocks->slabs != NULL) {
    rl_page *slab = blocks->slabs;
    blocks->slabs = slab->slab;
    free(slab);
  }
}
