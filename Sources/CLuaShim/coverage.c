// Which lines of Lua were run, for test runs that ask for it: a line hook, which makes scripts several times slower.
#include "internal.h"

#include <stdlib.h>
#include <string.h>

typedef struct covered_file {
  char *name;
  uint32_t *counts;  // by line; 0 is not used
  size_t capacity;
} covered_file;

struct rl_coverage {
  covered_file *files;
  size_t count, capacity;
  size_t last;  // the file that was asked for last
};

rl_coverage *rl_coverage_open(void) { return calloc(1, sizeof(rl_coverage)); }

void rl_coverage_close(rl_coverage *coverage) {
  for (size_t i = 0; i < coverage->count; i++) {
    free(coverage->files[i].name);
    free(coverage->files[i].counts);
  }
  free(coverage->files);
  free(coverage);
}

// Returns the file of a name, NULL when there is no memory for a new one.
static covered_file *find_file(rl_coverage *coverage, const char *name) {
  if (coverage->last < coverage->count && strcmp(coverage->files[coverage->last].name, name) == 0) {
    return &coverage->files[coverage->last];
  }
  for (size_t i = 0; i < coverage->count; i++) {
    if (strcmp(coverage->files[i].name, name) == 0) {
      coverage->last = i;
      return &coverage->files[i];
    }
  }
  if (coverage->count == coverage->capacity) {
    size_t capacity = coverage->capacity == 0 ? 16 : 2 * coverage->capacity;
    covered_file *files = realloc(coverage->files, capacity * sizeof(covered_file));
    if (files == NULL) return NULL;
    coverage->files = files;
    coverage->capacity = capacity;
  }
  char *copy = strdup(name);
  if (copy == NULL) return NULL;
  coverage->last = coverage->count++;
  coverage->files[coverage->last] = (covered_file){.name = copy};
  return &coverage->files[coverage->last];
}

// Without memory a line is not counted: a report that misses something is better than a test that fails for it.
static void count_line(rl_coverage *coverage, const char *name, size_t line) {
  covered_file *file = find_file(coverage, name);
  if (file == NULL) return;
  if (line >= file->capacity) {
    size_t capacity = line < 256 ? 256 : 2 * line;
    uint32_t *counts = realloc(file->counts, capacity * sizeof(uint32_t));
    if (counts == NULL) return;
    memset(counts + file->capacity, 0, (capacity - file->capacity) * sizeof(uint32_t));
    file->counts = counts;
    file->capacity = capacity;
  }
  if (file->counts[line] != UINT32_MAX) file->counts[line]++;
}

void rl_note_line(lua_State *lua, lua_Debug *event) {
  rl_coverage *coverage = rl_context_of(lua)->coverage;
  if (event->event != LUA_HOOKLINE || coverage == NULL || event->currentline <= 0) return;
  if (lua_getinfo(lua, "S", event) == 0 || event->source[0] != '@') return;
  count_line(coverage, event->source + 1, (size_t)event->currentline);
}

// Instructions are counted too, though nobody wants to know: a signal that arms another hook while Lua counts down may lose its
// own count, and then waits for this one to reach zero. Without a count that would be four thousand million instructions away.
void rl_hook_lines(lua_State *lua) { lua_sethook(lua, rl_note_line, LUA_MASKLINE | LUA_MASKCOUNT, 1000); }

void rl_cover(rl_context *context, rl_coverage *coverage) {
  context->coverage = coverage;
  rl_hook_lines(context->main);
}

size_t rl_coverage_count(const rl_coverage *coverage) { return coverage->count; }

const char *rl_coverage_file(const rl_coverage *coverage, size_t index, const uint32_t **counts, size_t *length) {
  *counts = coverage->files[index].counts;
  *length = coverage->files[index].capacity;
  return coverage->files[index].name;
}
