// The floors that the Lua benchmarks compare with: the same work in C, with nothing of ours in between.
#pragma once

#include <stdint.h>

// Runs `source`, which calls the global function `addone`, on a plain state. Returns nanoseconds, or a negative number when
// the script fails. `result` receives the script's integer result.
int64_t floor_host_call(const char *source, int64_t *result);

// Opens and closes a plain state with the libraries that ours has.
int64_t floor_open_close(int count);

// Resumes a coroutine that yields from a C function, `count` times.
int64_t floor_suspend_resume(int count);

// A JSON document in a plain state with lua-cjson: the globals `text`, `value` (cjson's table of it), `cjson`, and
// `build`, a function that makes the same tables from tokens that were parsed before.
typedef struct floor_json floor_json;

// Reads a document without blanks and without \u escapes, and opens the state; NULL when lua-cjson is not installed.
floor_json *floor_json_open(const char *text);

// Runs Lua code after a full collection. Returns nanoseconds, or a negative number when it fails.
int64_t floor_json_time(floor_json *json, const char *source);

// Runs Lua code and returns the string that it returns, valid until the next call; NULL when it fails.
const char *floor_json_text(floor_json *json, const char *source);

void floor_json_close(floor_json *json);
