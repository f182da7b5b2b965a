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
