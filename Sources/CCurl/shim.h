#pragma once

// libcurl behind a table of function pointers, filled by dlopen.
//
// Linking libcurl makes the loader map about thirty libraries before main(), which costs a command-line
// tool 6 ms even when it never opens a connection. Only the types come from the headers here; the
// library itself is loaded by the first HTTPClient. The wrappers also make the variadic setters and
// getters callable from Swift.

#include <curl/curl.h>
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

typedef struct ccurl_api {
  __typeof__(curl_global_init) *global_init;
  __typeof__(curl_easy_init) *easy_init;
  __typeof__(curl_easy_cleanup) *easy_cleanup;
  __typeof__(curl_easy_setopt) *easy_setopt;
  __typeof__(curl_easy_getinfo) *easy_getinfo;
  __typeof__(curl_easy_strerror) *easy_strerror;
  __typeof__(curl_slist_append) *slist_append;
  __typeof__(curl_slist_free_all) *slist_free_all;
  __typeof__(curl_url) *url;
  __typeof__(curl_url_set) *url_set;
  __typeof__(curl_url_cleanup) *url_cleanup;
  __typeof__(curl_version_info) *version_info;
  __typeof__(curl_multi_init) *multi_init;
  __typeof__(curl_multi_cleanup) *multi_cleanup;
  __typeof__(curl_multi_setopt) *multi_setopt;
  __typeof__(curl_multi_add_handle) *multi_add_handle;
  __typeof__(curl_multi_remove_handle) *multi_remove_handle;
  __typeof__(curl_multi_socket_action) *multi_socket_action;
  __typeof__(curl_multi_info_read) *multi_info_read;
} ccurl_api;

#include "loop.h"

/// What a transfer sets on its easy handle. Strings are copied by libcurl, save `error_buffer`, which must outlive the
/// transfer.
typedef struct ccurl_settings {
  const char *custom_method;  ///< NULL for GET, HEAD, and POST
  int is_head;
  long connect_timeout_ms;
  long total_timeout_ms;
  int64_t maximum_response_bytes;
  const char *user_agent;
  const char *no_proxy;  ///< hosts that are reached without the environment's proxy
  const char *ca_file;  ///< NULL for the library's default
  const char *ca_path;  ///< NULL for the library's default
  ccurl_loop *loop;     ///< whose pools carry the transfers
  void *context;        ///< handed to every callback, and kept as the handle's private pointer
  char *error_buffer;   ///< CURL_ERROR_SIZE bytes
  size_t (*on_body)(char *, size_t, size_t, void *);
  size_t (*on_header)(char *, size_t, size_t, void *);
  int (*before_request)(void *, char *, char *, int, int);
} ccurl_settings;

/// A transfer that has ended.
typedef struct ccurl_finished {
  void *easy;
  void *context;
  int code;
} ccurl_finished;

/// Loads the library. Returns NULL and the loader's reason when it is missing or too old.
static inline const ccurl_api *ccurl_open(const char *library, const char **problem) {
  void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    *problem = dlerror();
    return NULL;
  }
  ccurl_api *api = (ccurl_api *)calloc(1, sizeof *api);
  if (!api) {
    *problem = "out of memory";
    return NULL;
  }
#define CCURL_FIND(name)                                                     \
  if (!(api->name = (__typeof__(api->name))dlsym(handle, "curl_" #name))) { \
    *problem = dlerror();                                                    \
    free(api);                                                               \
    return NULL;                                                             \
  }
  CCURL_FIND(global_init)
  CCURL_FIND(easy_init)
  CCURL_FIND(easy_cleanup)
  CCURL_FIND(easy_setopt)
  CCURL_FIND(easy_getinfo)
  CCURL_FIND(easy_strerror)
  CCURL_FIND(slist_append)
  CCURL_FIND(slist_free_all)
  CCURL_FIND(url)
  CCURL_FIND(url_set)
  CCURL_FIND(url_cleanup)
  CCURL_FIND(version_info)
  CCURL_FIND(multi_init)
  CCURL_FIND(multi_cleanup)
  CCURL_FIND(multi_setopt)
  CCURL_FIND(multi_add_handle)
  CCURL_FIND(multi_remove_handle)
  CCURL_FIND(multi_socket_action)
  CCURL_FIND(multi_info_read)
#undef CCURL_FIND
  if (api->global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    *problem = "curl_global_init failed";
    free(api);
    return NULL;
  }
  return api;
}

/// Takes the next ended transfer; returns 0 when there is none.
static inline int ccurl_loop_next(const ccurl_api *api, ccurl_loop *loop, ccurl_finished *finished) {
  for (int index = 0; index < loop->pool_count; index++) {
    ccurl_pool *pool = loop->pools[index];
    if (!pool->may_have_ended) continue;
    int left = 0;
    CURLMsg *message;
    while ((message = api->multi_info_read(pool->multi, &left))) {
      if (message->msg != CURLMSG_DONE) continue;
      char *context = NULL;
      finished->easy = message->easy_handle;
      finished->code = message->data.result;
      api->easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &context);
      finished->context = context;
      return 1;
    }
    pool->may_have_ended = 0;
  }
  return 0;
}

static inline void *ccurl_easy_init(const ccurl_api *api) { return api->easy_init(); }

static inline void ccurl_easy_cleanup(const ccurl_api *api, void *easy) {
  api->easy_cleanup(easy);
}

/// Makes room for a parsed URL; returns NULL when memory is short.
static inline void *ccurl_url_new(const ccurl_api *api) { return api->url(); }

/// Parses a URL; returns what is wrong with it, or NULL.
static inline const char *ccurl_url_parse(const ccurl_api *api, void *parsed, const char *url) {
  CURLUcode code = api->url_set((CURLU *)parsed, CURLUPART_URL, url, CURLU_PATH_AS_IS);
  if (code == CURLUE_OK) return NULL;
  return api->easy_strerror(code == CURLUE_OUT_OF_MEMORY ? CURLE_OUT_OF_MEMORY : CURLE_URL_MALFORMAT);
}

static inline void ccurl_url_free(const ccurl_api *api, void *parsed) { api->url_cleanup((CURLU *)parsed); }

/// The compressions to ask for, as `Accept-Encoding` names them: the usual ones that this libcurl takes back; "" leaves the
/// header to libcurl.
static inline const char *ccurl_encodings(const ccurl_api *api) {
  int features = api->version_info(CURLVERSION_NOW)->features;
  if (!(features & CURL_VERSION_LIBZ)) return "";
  int has_brotli = (features & CURL_VERSION_BROTLI) != 0;
  return features & CURL_VERSION_ZSTD ? (has_brotli ? "gzip, br, zstd" : "gzip, zstd") : has_brotli ? "gzip, br" : "gzip";
}

static inline struct curl_slist *ccurl_slist_append(
    const ccurl_api *api, struct curl_slist *list, const char *line) {
  return api->slist_append(list, line);
}

static inline void ccurl_slist_free(const ccurl_api *api, struct curl_slist *list) {
  api->slist_free_all(list);
}

static inline const char *ccurl_error_text(const ccurl_api *api, int code) {
  return api->easy_strerror((CURLcode)code);
}

static inline long ccurl_info_long(const ccurl_api *api, void *easy, CURLINFO info) {
  long value = 0;
  api->easy_getinfo(easy, info, &value);
  return value;
}

static inline int64_t ccurl_info_offset(const ccurl_api *api, void *easy, CURLINFO info) {
  curl_off_t value = 0;
  api->easy_getinfo(easy, info, &value);
  return value;
}

static inline long ccurl_status(const ccurl_api *api, void *easy) {
  return ccurl_info_long(api, easy, CURLINFO_RESPONSE_CODE);
}

/// Bytes of the request that the kernel took, over all attempts.
static inline long ccurl_sent_bytes(const ccurl_api *api, void *easy) {
  return ccurl_info_long(api, easy, CURLINFO_REQUEST_SIZE);
}

static inline long ccurl_system_error(const ccurl_api *api, void *easy) {
  return ccurl_info_long(api, easy, CURLINFO_OS_ERRNO);
}

/// The answer's Content-Length; -1 when it does not say.
static inline int64_t ccurl_content_length(const ccurl_api *api, void *easy) {
  return ccurl_info_offset(api, easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T);
}

#define CCURL_SET(option, value) \
  if ((code = api->easy_setopt(easy, option, value)) != CURLE_OK) return code;

/// Sets on a fresh easy handle what stays the same for all its transfers. Returns the first error.
static inline int ccurl_configure_once(const ccurl_api *api, void *easy, const ccurl_settings *s) {
  CURLcode code;
  CCURL_SET(CURLOPT_PATH_AS_IS, 1L)
  CCURL_SET(CURLOPT_PROTOCOLS_STR, "http,https")
  CCURL_SET(CURLOPT_FOLLOWLOCATION, 0L)
  CCURL_SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1)
  CCURL_SET(CURLOPT_NOSIGNAL, 1L)
  CCURL_SET(CURLOPT_BUFFERSIZE, 8192L)  // each transfer has a buffer of its own while it waits
  CCURL_SET(CURLOPT_SSL_VERIFYPEER, 1L)
  CCURL_SET(CURLOPT_SSL_VERIFYHOST, 2L)
  if (s->ca_file) CCURL_SET(CURLOPT_CAINFO, s->ca_file)
  if (s->ca_path) CCURL_SET(CURLOPT_CAPATH, s->ca_path)
  CCURL_SET(CURLOPT_USERAGENT, s->user_agent)
  CCURL_SET(CURLOPT_NOPROXY, s->no_proxy)
  CCURL_SET(CURLOPT_ACCEPT_ENCODING, "")  // decodes what the header asks for
  CCURL_SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L)
  CCURL_SET(CURLOPT_ERRORBUFFER, s->error_buffer)
  CCURL_SET(CURLOPT_PRIVATE, s->context)
  CCURL_SET(CURLOPT_OPENSOCKETFUNCTION, ccurl_on_open)
  CCURL_SET(CURLOPT_OPENSOCKETDATA, s->loop)
  CCURL_SET(CURLOPT_CLOSESOCKETFUNCTION, ccurl_on_close)
  CCURL_SET(CURLOPT_CLOSESOCKETDATA, s->loop)
  CCURL_SET(CURLOPT_WRITEFUNCTION, s->on_body)
  CCURL_SET(CURLOPT_WRITEDATA, s->context)
  CCURL_SET(CURLOPT_HEADERFUNCTION, s->on_header)
  CCURL_SET(CURLOPT_HEADERDATA, s->context)
  CCURL_SET(CURLOPT_PREREQFUNCTION, s->before_request)
  CCURL_SET(CURLOPT_PREREQDATA, s->context)
  return CURLE_OK;
}

/// Sets on an easy handle of which kind its next transfers are, all of it, so that none sees what an earlier one had. Returns the
/// first error.
static inline int ccurl_configure(const ccurl_api *api, void *easy, const ccurl_settings *s) {
  CURLcode code;
  CCURL_SET(CURLOPT_CONNECTTIMEOUT_MS, s->connect_timeout_ms)
  CCURL_SET(CURLOPT_TIMEOUT_MS, s->total_timeout_ms)
  // GET first: it takes an earlier body, POST and HEAD back.
  CCURL_SET(CURLOPT_HTTPGET, 1L)
  CCURL_SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)(s->is_head ? 0 : s->maximum_response_bytes))
  if (s->is_head) CCURL_SET(CURLOPT_NOBODY, 1L)
  CCURL_SET(CURLOPT_CUSTOMREQUEST, s->custom_method)
  return CURLE_OK;
}

/// Sets the body of a transfer of a kind that has one; it is copied.
static inline int ccurl_set_body(const ccurl_api *api, void *easy, const uint8_t *body, int64_t length) {
  CURLcode code;
  CCURL_SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length)
  if (length > 0) {
    CCURL_SET(CURLOPT_COPYPOSTFIELDS, (const char *)body)
  } else {
    CCURL_SET(CURLOPT_POSTFIELDS, "")
  }
  return CURLE_OK;
}

/// Sets the headers of a transfer.
static inline int ccurl_set_headers(const ccurl_api *api, void *easy, struct curl_slist *headers) {
  CURLcode code;
  CCURL_SET(CURLOPT_HTTPHEADER, headers)
  return CURLE_OK;
}

/// Sets the URL of the next transfers: as a text, and parsed, unless that is NULL; the parsed one must outlive them.
static inline int ccurl_set_url(const ccurl_api *api, void *easy, void *parsed, const char *url) {
  CURLcode code;
  CCURL_SET(CURLOPT_CURLU, (CURLU *)parsed)
  CCURL_SET(CURLOPT_URL, url)
  return CURLE_OK;
}
#undef CCURL_SET
