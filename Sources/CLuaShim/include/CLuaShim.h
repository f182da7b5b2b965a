// The C that must be C between Swift and liblua.
//
// One rule gives this target its shape: no longjmp crosses a Swift frame. Lua raises errors and yields by longjmp, so
// Swift never calls an API function that can raise, and a Swift function called from Lua returns a status; only the C in
// this target raises or yields. The reasons and the measurements are in docs/architecture.md.
//
//   context.c      opening and closing a state, the counting allocator
//   blocks.c       the small blocks that the allocator hands out
//   trampoline.c   Lua calls Swift: results, error, suspend
//   protected.c    Swift calls Lua
//   coroutine.c    pcall, xpcall and coroutine functions that let a suspension and an interrupt pass
//   interrupt.c    stopping a running script from a signal
//   sandbox.c      the libraries that a script may use
//   patterns.c     the matcher of Lua patterns, which an interrupt can stop
//   strings.c      the functions of `string` that can run long or grow large
//   tables.c       the functions of `table` that can run long
//   json.c         the markers by which arrays, objects and null survive a round trip, and what JSON keeps for a state
//   json_library.c json.decode and json.encode, as scripts call them
//   json_decode.c  JSON text to Lua values; with json_string.c and json_number.c
//   json_encode.c  Lua values to JSON text
//   json_index.c   where each value of a text is, for lazy views; with json_ends.c, where its strings end
//   json_view.c    lazy views
#pragma once

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// What a host function returns: a count of results (0 and up, on top of the stack) or one of these.
enum {
  RL_ERROR = -1,    // the error value is on top of the stack
  RL_SUSPEND = -2,  // the host will resume the coroutine later
  RL_RAISE = -3,    // as RL_ERROR, but the message already says where
  RL_MEMORY = -4,   // the memory limit was reached: raise Lua's own memory error
  RL_CALL = -16,    // and below: call the function under the topmost RL_CALL - n values with them, and return what it returns
};

// Why a script is being stopped.
enum {
  RL_NOT_INTERRUPTED = 0,
  RL_DEADLINE = 1,
  RL_STOP_REQUESTED = 2,
  RL_INSTRUCTIONS = 3,
  RL_HELD = 4,
};

typedef int (*rl_host_function)(lua_State *lua, void *box);
typedef void (*rl_host_release)(void *box);

// blocks.c: pages with small blocks, by the size of the blocks in steps of 16 bytes.
enum { RL_BLOCK_SIZES = 40 };

typedef struct rl_blocks {
  struct rl_page *_Nullable pages[RL_BLOCK_SIZES];  // those with free blocks
  struct rl_page *_Nullable empty;
  struct rl_page *_Nullable slabs;
} rl_blocks;

// One Lua state and what the host keeps beside it; found from every coroutine through lua_getextraspace.
typedef struct rl_context {
  lua_State *main;
  void *owner;  // the Swift object that opened the state, not retained

  // Memory. The limit is relaxed while Swift is the innermost language (host_depth > 0), because an allocation failure
  // there would jump over Swift frames; `over_limit` tells the trampoline to settle the account afterwards.
  size_t bytes_used;
  size_t bytes_peak;
  size_t bytes_limit;
  int host_depth;
  bool over_limit;
  bool collect_first;  // the last entry ran out of memory: collect what it left before the next

  // Suspension. `suspending` is set between a host function's wish and the return of the outermost resume.
  bool suspending;
  int suspended_count;
  int blocked_depth;  // coroutines resumed from where no suspension could pass
  lua_State *_Nullable task;  // the coroutine that the host itself resumed

  struct rl_coverage *_Nullable coverage;  // counts lines; NULL in all but test runs that ask for it

  // Interruption.
  volatile sig_atomic_t interrupt;
  lua_State *_Nullable volatile running;
  int64_t deadline_nanoseconds;  // CLOCK_MONOTONIC, 0 for none
  int64_t instructions_left;     // counted in steps of RL_INSTRUCTION_STEP; only while `counts_instructions`
  bool counts_instructions;

  int stop_requested;            // set by any thread, with atomic access only; noticed at the next tick or entry

  // Preemption: a task that runs at a tick suspends itself, so that others have their turn. One that cannot, because
  // C functions are under way, is stopped after `held_ticks`; 0 for never.
  bool is_preemptible;
  int held_ticks;
  volatile sig_atomic_t is_preempting;  // the running coroutine is to suspend at its next instruction
  bool is_preempted;                    // the last resume came back for that reason
  // Who was suspended at an instruction, and in which line: Lua itself takes such a coroutine to be one instruction back.
  const lua_State *_Nullable preempted_thread;
  int preempted_line;
  volatile sig_atomic_t ticks;          // since the last resume

  struct rl_context *_Nullable caller;  // the state whose host function entered this one, on the same thread

  rl_host_function call;
  rl_host_release release;

  struct rl_json *_Nullable json;  // what the JSON functions keep

  rl_blocks blocks;
  size_t nursery_used;
  _Alignas(16) char nursery[];  // RL_NURSERY_BYTES
} rl_context;

enum { RL_NURSERY_BYTES = 16 * 1024, RL_INSTRUCTION_STEP = 1000 };

static inline rl_context *rl_context_of(lua_State *lua) {
  return *(rl_context **)lua_getextraspace(lua);
}

// context.c
rl_context *_Nullable rl_open(size_t bytes_limit, void *owner, rl_host_function call, rl_host_release release);
void rl_close(rl_context *context);

// trampoline.c: pushes a function that calls the host. A borrowed box must outlive the state; an owned one is released
// when Lua collects the function. Call with the limit relaxed.
void rl_push_borrowed_function(lua_State *lua, void *box);
void rl_push_owned_function(lua_State *lua, void *box);
int rl_trampoline(lua_State *lua);

// protected.c: all return a Lua status; on failure the error value is on top of the stack.
int rl_load_text(lua_State *lua, const char *source, size_t length, const char *name);
// Loads what rl_dump gave, and nothing else: crafted bytecode can crash the interpreter.
int rl_load_dump(lua_State *lua, const char *dump, size_t length, const char *name);
// Dumps the Lua function on top of the stack, with its lines. The caller frees what is returned; NULL without memory.
char *_Nullable rl_dump(lua_State *lua, size_t *length);
void rl_free_dump(char *dump);
int rl_call(lua_State *lua, int argument_count, int result_count);
int rl_resume(lua_State *coroutine, int argument_count, int *result_count);
int rl_length(lua_State *lua, int index);
int rl_get_field(lua_State *lua, int index, const char *key, size_t length);
int rl_to_display_string(lua_State *lua, int index);

// interrupt.c
int rl_interrupts_install(void);
int rl_stop_signal_install(int signal_number);
int rl_stop_signal_count(void);
void rl_stop_signal_reset(void);
// From now on a second signal does not end the process.
void rl_stop_signal_keep_process(void);
void rl_interrupt(rl_context *context, int reason);
// Asks for a stop from any thread, while the state is open.
void rl_request_stop(rl_context *context);
void rl_set_deadline(rl_context *context, int64_t deadline_nanoseconds);
// Ticks of this thread's timer, at which deadlines are checked and tasks preempted; 0 stops them. A deadline that is set
// in the field alone is noticed at the next tick.
void rl_set_ticks(int64_t interval_nanoseconds);
// Stops scripts of the state after about so many instructions; call before coroutines are made. Doubles the cost of computing.
void rl_limit_instructions(rl_context *context, int64_t count);
int64_t rl_monotonic_nanoseconds(void);

// coverage.c: how often each line of a file was run, in any number of states of one thread.
typedef struct rl_coverage rl_coverage;
rl_coverage *_Nullable rl_coverage_open(void);
void rl_coverage_close(rl_coverage *coverage);
// Counts the lines of the state from now on; call before coroutines are made. Makes scripts several times slower.
void rl_cover(rl_context *context, rl_coverage *coverage);
size_t rl_coverage_count(const rl_coverage *coverage);
// Returns the name of a file, and its counts by line; those of line 0 mean nothing.
const char *rl_coverage_file(const rl_coverage *coverage, size_t index,
                             const uint32_t *_Nullable *_Nonnull counts, size_t *length);

// sandbox.c
int rl_open_libraries(lua_State *lua);

// json.c: the metatables that mark a table as a JSON array or object, and that of errors. Pushing one cannot raise, and
// needs four free slots.
void rl_push_array_marker(lua_State *lua);
void rl_push_object_marker(lua_State *lua);
void rl_push_json_error_metatable(lua_State *lua);
void rl_open_json_markers(lua_State *lua);
void rl_close_json(rl_context *context);

// What is wrong with a JSON text, or with a value that was to become one.
enum {
  RL_JSON_OK,
  RL_JSON_MEMORY,
  RL_JSON_STOPPED,
  RL_JSON_DEPTH,
  // Of a text.
  RL_JSON_BYTE_ORDER_MARK,
  RL_JSON_EXPECTED_VALUE,
  RL_JSON_EXPECTED_KEY,
  RL_JSON_EXPECTED_COLON,
  RL_JSON_EXPECTED_MEMBER,
  RL_JSON_EXPECTED_ELEMENT,
  RL_JSON_EXPECTED_DIGIT,
  RL_JSON_OPEN_TEXT,
  RL_JSON_TRAILING,
  RL_JSON_CONTROL,
  RL_JSON_ESCAPE,
  RL_JSON_CODE_UNIT,
  RL_JSON_SURROGATE,
  RL_JSON_UTF8,
  RL_JSON_LEADING_ZERO,
  RL_JSON_NUMBER_TOO_LARGE,
  // Of a value; what the detail is stands behind it.
  RL_JSON_TYPE,         // its type
  RL_JSON_NAN,
  RL_JSON_INFINITY,
  RL_JSON_TEXT,         // the offset of the first byte that is not UTF-8
  RL_JSON_KEY_TEXT,     // the same in a key
  RL_JSON_KEY_TYPE,     // the type of the key
  RL_JSON_INTEGER_KEY,  // the key
  RL_JSON_MIXED,
  RL_JSON_HOLE,         // the first index that is missing
  RL_JSON_ARRAY_KEY,
  RL_JSON_CYCLE,
  RL_JSON_CHANGED,
  RL_JSON_SIZE,
};

typedef struct rl_json_fault {
  int problem;
  size_t offset;  // in the text
} rl_json_fault;

typedef struct rl_json_reading {
  int maximum_depth;
  bool keeps_digits;  // of integers beyond 64 bits
  bool is_open;       // there is no zero byte behind the text
} rl_json_reading;

// json_decode.c: decodes a text and pushes its value. After a fault the stack is in any state above what was there before.
// Called with the limit relaxed, running out of memory is a fault; else it raises.
rl_json_fault rl_json_decode(lua_State *lua, const uint8_t *_Nullable text, size_t length, rl_json_reading options);

// json_view.c: checks a text and pushes a lazy view of its outermost value, or that itself when it is a scalar. `text` is the
// string on top of the stack, which is replaced; else as rl_json_decode.
rl_json_fault rl_json_push_view(lua_State *lua, rl_json_reading options);
// Replaces the view on top by a table with its members or elements; arrays and objects in it are views.
bool rl_json_push_fields(lua_State *lua);

typedef struct rl_json_value_fault {
  int problem;
  int64_t detail;
} rl_json_value_fault;

typedef struct rl_json_writing {
  int maximum_depth;
  size_t maximum_bytes;
  bool is_pretty;
  bool sorts_keys;  // only while no garbage is collected
} rl_json_writing;

typedef struct rl_json_level {
  bool is_array;
  int64_t index;
  int key_slot;
} rl_json_level;

// json_encode.c: encodes the value on top of the stack, which it pops. After a fault the way to the value is still on the stack.
rl_json_value_fault rl_json_encode(lua_State *lua, rl_json_writing options);
// How many containers were open at the fault, and each of them.
int rl_json_encode_depth(lua_State *lua);
rl_json_level rl_json_encode_level(lua_State *lua, int level);
// Lends the text until the next call with JSON; end with rl_json_end_encode.
const uint8_t *rl_json_encoded(lua_State *lua, size_t *length);
void rl_json_end_encode(lua_State *lua);

// json_ends.c: compares no more than so many bytes at once: 16, 32 or 64. For tests; whatever a processor can do gives the same results.
void rl_json_limit_blocks(int bytes);

// json_library.c: puts decode, encode and copy in C before the functions of the host in the table on top of the stack. They do what
// is asked most; for options and for errors they hand over to the host.
void rl_open_json(lua_State *lua);

// Twins of macros and variadic functions that Swift cannot import.
static inline void rl_pop(lua_State *lua, int count) { lua_settop(lua, -count - 1); }
static inline int rl_upvalue_index(int position) { return lua_upvalueindex(position); }
static inline int rl_registry_index(void) { return LUA_REGISTRYINDEX; }
static inline int rl_multiple_results(void) { return LUA_MULTRET; }
static inline bool rl_can_suspend(lua_State *lua) {
  return lua_isyieldable(lua) && rl_context_of(lua)->blocked_depth == 0;
}
static inline void rl_begin_host(lua_State *lua) { rl_context_of(lua)->host_depth++; }
static inline void rl_end_host(lua_State *lua) { rl_context_of(lua)->host_depth--; }
static inline size_t rl_bytes_collectable(lua_State *lua) {
  return (size_t)lua_gc(lua, LUA_GCCOUNT) * 1024 + (size_t)lua_gc(lua, LUA_GCCOUNTB);
}
static inline void rl_collect_garbage(lua_State *lua) { lua_gc(lua, LUA_GCCOLLECT); }
// Whether so many bytes more fit the memory limit, if need be after a collection.
static inline bool rl_has_memory(lua_State *lua, size_t bytes) {
  rl_context *context = rl_context_of(lua);
  if (bytes > context->bytes_limit) return false;
  if (context->bytes_used <= context->bytes_limit - bytes) return true;
  lua_gc(lua, LUA_GCCOLLECT);
  return context->bytes_used <= context->bytes_limit - bytes;
}
static inline int rl_gc_stop(lua_State *lua) {
  int running = lua_gc(lua, LUA_GCISRUNNING);
  lua_gc(lua, LUA_GCSTOP);
  return running;
}
static inline void rl_gc_restart(lua_State *lua) { lua_gc(lua, LUA_GCRESTART); }

// Where the innermost Lua function of a stack is: its chunk name ("@file" or "=name") and line. Functions of the host's own
// chunk "=(refold)" and of the standard library ("=stdlib/NAME.lua") are passed over, so that the place is one of the script. Returns false when there is none. `source` stays valid while that function lives.
bool rl_where(lua_State *lua, const char *_Nullable *_Nonnull source, size_t *length, int *line);

// The name by which the running function was called, or NULL.
const char *_Nullable rl_called_name(lua_State *lua);

#pragma clang assume_nonnull end
