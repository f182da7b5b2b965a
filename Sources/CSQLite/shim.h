#pragma once

#include <sqlite3.h>

// Keeps the write-ahead log when the last connection is closed, instead of moving it into the database; a twin of a variadic function.
static inline int rs_keep_log_on_close(sqlite3 *database) {
  return sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}

// Counts no memory from now on, unless SQLite is in use already; a twin of a variadic function.
static inline int rs_count_no_memory(void) {
  return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}
