#pragma once

// libmicrohttpd behind a table of function pointers, filled by dlopen.
//
// Linking it costs every start of the process 1.5 ms (GnuTLS and its dependencies), whether or not a
// server is opened. Only the types come from the header here; the first HTTPServer loads the library.

#include <dlfcn.h>
#include <microhttpd.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>

typedef struct cmhd_api {
  __typeof__(MHD_start_daemon) *start_daemon;
  __typeof__(MHD_stop_daemon) *stop_daemon;
  __typeof__(MHD_quiesce_daemon) *quiesce_daemon;
  __typeof__(MHD_run) *run;
  __typeof__(MHD_get_timeout) *get_timeout;
  __typeof__(MHD_get_daemon_info) *get_daemon_info;
  __typeof__(MHD_get_connection_info) *get_connection_info;
  __typeof__(MHD_get_connection_values) *get_connection_values;
  __typeof__(MHD_create_response_from_buffer) *create_response_from_buffer;
  __typeof__(MHD_add_response_header) *add_response_header;
  __typeof__(MHD_queue_response) *queue_response;
  __typeof__(MHD_destroy_response) *destroy_response;
} cmhd_api;

/// What a server is started with. Every callback receives `context` first.
typedef struct cmhd_settings {
  int listen_socket;
  unsigned int maximum_connections;
  unsigned int idle_timeout_seconds;
  size_t connection_memory_bytes;
  void *context;
  MHD_AccessHandlerCallback on_request;
  void *(*on_target)(void *, const char *, struct MHD_Connection *);
  MHD_RequestCompletedCallback on_completed;
  MHD_NotifyConnectionCallback on_connection;
} cmhd_settings;

/// Loads the library. Returns NULL and the loader's reason when it is missing or too old.
static inline const cmhd_api *cmhd_open(const char *library, const char **problem) {
  void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    *problem = dlerror();
    return NULL;
  }
  cmhd_api *api = (cmhd_api *)calloc(1, sizeof *api);
  if (!api) {
    *problem = "out of memory";
    return NULL;
  }
#define CMHD_FIND(name)                                                     \
  if (!(api->name = (__typeof__(api->name))dlsym(handle, "MHD_" #name))) { \
    *problem = dlerror();                                                   \
    free(api);                                                              \
    return NULL;                                                            \
  }
  CMHD_FIND(start_daemon)
  CMHD_FIND(stop_daemon)
  CMHD_FIND(quiesce_daemon)
  CMHD_FIND(run)
  CMHD_FIND(get_timeout)
  CMHD_FIND(get_daemon_info)
  CMHD_FIND(get_connection_info)
  CMHD_FIND(get_connection_values)
  CMHD_FIND(create_response_from_buffer)
  CMHD_FIND(add_response_header)
  CMHD_FIND(queue_response)
  CMHD_FIND(destroy_response)
#undef CMHD_FIND
  return api;
}

/// Leaves percent-encoding as the client sent it: the server decodes per segment, after splitting.
static inline size_t cmhd_keep_encoded(void *context, struct MHD_Connection *connection, char *text) {
  (void)context;
  (void)connection;
  size_t length = 0;
  while (text[length]) length++;
  return length;
}

/// Starts a daemon without a thread of its own, driven by `cmhd_run`. Returns NULL on failure.
static inline struct MHD_Daemon *cmhd_start(const cmhd_api *api, const cmhd_settings *s) {
  struct MHD_OptionItem options[] = {
      {MHD_OPTION_LISTEN_SOCKET, s->listen_socket, NULL},
      {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)s->maximum_connections, NULL},
      {MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)s->idle_timeout_seconds, NULL},
      {MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)s->connection_memory_bytes, NULL},
      {MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)&cmhd_keep_encoded, NULL},
      {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)s->on_target, s->context},
      {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)s->on_completed, s->context},
      {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)s->on_connection, s->context},
      {MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, NULL},
      {MHD_OPTION_END, 0, NULL}};
  return api->start_daemon(
      MHD_USE_EPOLL, 0, NULL, NULL, s->on_request, s->context, MHD_OPTION_ARRAY, options,
      MHD_OPTION_END);
}

static inline void cmhd_stop(const cmhd_api *api, struct MHD_Daemon *daemon) {
  api->stop_daemon(daemon);
}

/// Stops listening; returns the listening socket, which the caller closes, or -1.
static inline int cmhd_quiesce(const cmhd_api *api, struct MHD_Daemon *daemon) {
  return api->quiesce_daemon(daemon);
}

/// Handles everything that is ready, without waiting.
static inline void cmhd_run(const cmhd_api *api, struct MHD_Daemon *daemon) { api->run(daemon); }

/// Milliseconds until the daemon must run again, or -1 when only a socket can make that necessary.
static inline int64_t cmhd_timeout_ms(const cmhd_api *api, struct MHD_Daemon *daemon) {
  MHD_UNSIGNED_LONG_LONG milliseconds = 0;
  if (api->get_timeout(daemon, &milliseconds) != MHD_YES) return -1;
  return milliseconds > INT32_MAX ? INT32_MAX : (int64_t)milliseconds;
}

static inline int cmhd_epoll_descriptor(const cmhd_api *api, struct MHD_Daemon *daemon) {
  const union MHD_DaemonInfo *info = api->get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
  return info ? info->epoll_fd : -1;
}

static inline int cmhd_descriptor(const cmhd_api *api, struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      api->get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}

static inline const struct sockaddr *cmhd_client_address(
    const cmhd_api *api, struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      api->get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info ? info->client_addr : NULL;
}

/// What the connection callback stored for this connection, or NULL.
static inline void *cmhd_socket_context(const cmhd_api *api, struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      api->get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info ? info->socket_context : NULL;
}

static inline void cmhd_each_header(
    const cmhd_api *api, struct MHD_Connection *connection, MHD_KeyValueIterator visit,
    void *context) {
  api->get_connection_values(connection, MHD_HEADER_KIND, visit, context);
}

/// Returns a response that holds its own copy of `body`, or NULL when memory is short.
static inline struct MHD_Response *cmhd_response(
    const cmhd_api *api, const void *body, size_t length) {
  return api->create_response_from_buffer(length, (void *)body, MHD_RESPMEM_MUST_COPY);
}

static inline int cmhd_add_header(
    const cmhd_api *api, struct MHD_Response *response, const char *name, const char *value) {
  return api->add_response_header(response, name, value) == MHD_YES;
}

/// Queues the response and gives up the caller's reference to it.
static inline enum MHD_Result cmhd_answer(
    const cmhd_api *api, struct MHD_Connection *connection, unsigned int status,
    struct MHD_Response *response) {
  enum MHD_Result result = api->queue_response(connection, status, response);
  api->destroy_response(response);
  return result;
}

static inline void cmhd_discard(const cmhd_api *api, struct MHD_Response *response) {
  api->destroy_response(response);
}

// The event descriptor that wakes a server's thread; Glibc's module leaves it out.

static inline int cmhd_event_open(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

static inline void cmhd_event_set(int descriptor) { eventfd_write(descriptor, 1); }

static inline void cmhd_event_clear(int descriptor) {
  eventfd_t count;
  eventfd_read(descriptor, &count);
}

static inline int cmhd_is_start(enum MHD_ConnectionNotificationCode code) {
  return code == MHD_CONNECTION_NOTIFY_STARTED;
}
