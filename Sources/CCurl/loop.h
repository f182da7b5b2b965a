#pragma once

// The event loop of one client: epoll tells libcurl which sockets have news.
//
// curl_multi_perform looks at every transfer, and curl_multi_poll at every socket, whenever one of them has news; with ten
// thousand calls in flight that costs more than the calls. And a multi handle looks for a kept connection among all those to the
// same host. So the transfers are spread over pools, each a multi handle of its own, all on one epoll: the cost of a call
// does not depend on how many wait.

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

struct ccurl_loop;

/// A multi handle with the connections that it keeps.
typedef struct ccurl_pool {
  CURLM *multi;
  struct ccurl_loop *loop;
  int64_t timer_ms;  ///< when libcurl wants to be called at the latest, on the monotonic clock; 0 for never
  int may_have_ended;  ///< whether a transfer may have ended since that was last looked at
} ccurl_pool;

// What is known about a descriptor, by its number.
typedef struct ccurl_socket {
  ccurl_pool *pool;
  uint32_t registered;    // the events that epoll looks for; 0 when it does not know the descriptor
  uint8_t is_connection;  // opened and closed through the loop; epoll keeps it while it is idle
  uint8_t is_wanted;      // whether a transfer waits for it
} ccurl_socket;

typedef struct ccurl_loop {
  int epoll;
  int wakeup;  ///< an eventfd that any thread may write to
  long idle_connections;  ///< that each pool keeps
  ccurl_pool **pools;
  int pool_count;
  ccurl_socket *sockets;
  int socket_count;
} ccurl_loop;

static inline int64_t ccurl_now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// --- sockets

// Returns what is known about a descriptor; NULL when memory is short.
static inline ccurl_socket *ccurl_socket_at(ccurl_loop *loop, int descriptor) {
  if (descriptor < loop->socket_count) return &loop->sockets[descriptor];
  int count = loop->socket_count < 64 ? 64 : loop->socket_count;
  while (count <= descriptor) count *= 2;
  ccurl_socket *sockets = (ccurl_socket *)realloc(loop->sockets, (size_t)count * sizeof *sockets);
  if (!sockets) return NULL;
  for (int index = loop->socket_count; index < count; index++) sockets[index] = (ccurl_socket){0};
  loop->sockets = sockets;
  loop->socket_count = count;
  return &sockets[descriptor];
}

static inline void ccurl_unregister(ccurl_loop *loop, ccurl_socket *known, int descriptor) {
  if (known->registered != 0) epoll_ctl(loop->epoll, EPOLL_CTL_DEL, descriptor, NULL);
  known->registered = 0;
}

// libcurl opens a connection.
static inline curl_socket_t ccurl_on_open(void *loop_pointer, curlsocktype purpose, struct curl_sockaddr *address) {
  (void)purpose;
  ccurl_loop *loop = (ccurl_loop *)loop_pointer;
  int descriptor = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (descriptor < 0) return CURL_SOCKET_BAD;
  ccurl_socket *known = ccurl_socket_at(loop, descriptor);
  if (!known) {
    close(descriptor);
    errno = ENOMEM;
    return CURL_SOCKET_BAD;
  }
  *known = (ccurl_socket){.is_connection = 1};
  return descriptor;
}

// libcurl closes a connection; epoll forgets a descriptor that is closed.
static inline int ccurl_on_close(void *loop_pointer, curl_socket_t descriptor) {
  ccurl_loop *loop = (ccurl_loop *)loop_pointer;
  if (descriptor < loop->socket_count) loop->sockets[descriptor] = (ccurl_socket){0};
  return close(descriptor);
}

// libcurl says what it waits for on a socket. A connection stays with epoll while nothing is on its way on it, since the next
// transfer waits for the same: that saves two system calls for each.
static inline int ccurl_on_socket(CURL *easy, curl_socket_t descriptor, int what, void *pool_pointer, void *data) {
  (void)easy;
  (void)data;
  ccurl_pool *pool = (ccurl_pool *)pool_pointer;
  ccurl_socket *known = ccurl_socket_at(pool->loop, descriptor);
  if (!known) return -1;
  if (what == CURL_POLL_REMOVE) {
    known->is_wanted = 0;
    if (!known->is_connection) ccurl_unregister(pool->loop, known, descriptor);
    return 0;
  }
  uint32_t events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
  known->pool = pool;
  known->is_wanted = 1;
  if (known->registered == events) return 0;
  struct epoll_event event = {.events = events, .data = {.fd = descriptor}};
  int operation = known->registered == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  if (epoll_ctl(pool->loop->epoll, operation, descriptor, &event) != 0) return -1;
  known->registered = events;
  return 0;
}

// --- pools

// libcurl says when it wants to be called again.
static inline int ccurl_on_timer(CURLM *multi, long timeout_ms, void *pool_pointer) {
  (void)multi;
  ccurl_pool *pool = (ccurl_pool *)pool_pointer;
  // What is due at once needs no clock.
  pool->timer_ms = timeout_ms < 0 ? 0 : timeout_ms == 0 ? 1 : ccurl_now_ms() + timeout_ms;
  return 0;
}

/// Adds a pool; returns its number, or -1 when memory is short.
static inline int ccurl_loop_add_pool(const ccurl_api *api, ccurl_loop *loop) {
  ccurl_pool **pools = (ccurl_pool **)realloc(loop->pools, (size_t)(loop->pool_count + 1) * sizeof *pools);
  if (!pools) return -1;
  loop->pools = pools;
  ccurl_pool *pool = (ccurl_pool *)calloc(1, sizeof *pool);
  CURLM *multi = pool ? api->multi_init() : NULL;
  if (!multi) {
    free(pool);
    return -1;
  }
  pool->multi = multi;
  pool->loop = loop;
  api->multi_setopt(multi, CURLMOPT_MAXCONNECTS, loop->idle_connections);
  api->multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, ccurl_on_socket);
  api->multi_setopt(multi, CURLMOPT_SOCKETDATA, pool);
  api->multi_setopt(multi, CURLMOPT_TIMERFUNCTION, ccurl_on_timer);
  api->multi_setopt(multi, CURLMOPT_TIMERDATA, pool);
  pools[loop->pool_count] = pool;
  return loop->pool_count++;
}

static inline void ccurl_loop_close(const ccurl_api *api, ccurl_loop *loop) {
  // Closing a multi handle closes its connections, which still tell the loop.
  for (int index = 0; index < loop->pool_count; index++) api->multi_cleanup(loop->pools[index]->multi);
  for (int index = 0; index < loop->pool_count; index++) free(loop->pools[index]);
  free(loop->pools);
  free(loop->sockets);
  if (loop->epoll >= 0) close(loop->epoll);
  if (loop->wakeup >= 0) close(loop->wakeup);
  free(loop);
}

/// Makes a loop whose pools keep so many idle connections each; returns NULL when memory or descriptors are short.
static inline ccurl_loop *ccurl_loop_open(const ccurl_api *api, long idle_connections) {
  ccurl_loop *loop = (ccurl_loop *)calloc(1, sizeof *loop);
  if (!loop) return NULL;
  loop->idle_connections = idle_connections;
  loop->epoll = epoll_create1(EPOLL_CLOEXEC);
  loop->wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data = {.fd = loop->wakeup}};
  if (loop->epoll < 0 || loop->wakeup < 0 || epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->wakeup, &event) != 0 ||
      ccurl_loop_add_pool(api, loop) < 0) {
    ccurl_loop_close(api, loop);
    return NULL;
  }
  return loop;
}

static inline int ccurl_loop_add(const ccurl_api *api, ccurl_loop *loop, int pool, void *easy) {
  return api->multi_add_handle(loop->pools[pool]->multi, easy);
}

static inline void ccurl_loop_remove(const ccurl_api *api, ccurl_loop *loop, int pool, void *easy) {
  api->multi_remove_handle(loop->pools[pool]->multi, easy);
}

// --- the loop

static inline void ccurl_act(const ccurl_api *api, ccurl_pool *pool, curl_socket_t descriptor, int mask) {
  int running;
  pool->may_have_ended = 1;
  api->multi_socket_action(pool->multi, descriptor, mask, &running);
}

/// Lets libcurl do what is due by the clock: start transfers, give up those whose time is over.
static inline void ccurl_loop_run_due(const ccurl_api *api, ccurl_loop *loop) {
  int64_t now = 0;
  for (int index = 0; index < loop->pool_count; index++) {
    ccurl_pool *pool = loop->pools[index];
    if (pool->timer_ms == 0) continue;
    if (now == 0) now = ccurl_now_ms();
    if (pool->timer_ms > now) continue;
    pool->timer_ms = 0;
    ccurl_act(api, pool, CURL_SOCKET_TIMEOUT, 0);
  }
}

// The time that may be waited: the given one, or less when libcurl wants to be called before.
static inline int ccurl_loop_timeout(const ccurl_loop *loop, int timeout_ms) {
  int64_t first = 0;
  for (int index = 0; index < loop->pool_count; index++) {
    int64_t due = loop->pools[index]->timer_ms;
    if (due != 0 && (first == 0 || due < first)) first = due;
  }
  if (first == 0 || timeout_ms == 0) return timeout_ms;
  int64_t left = first - ccurl_now_ms();
  return left >= timeout_ms ? timeout_ms : left < 0 ? 0 : (int)left;
}

/// Waits for news, at most so long, and lets libcurl work on them. Returns the number of sockets with news; 0 after the timeout, a
/// wake-up, or a signal.
static inline int ccurl_loop_wait(const ccurl_api *api, ccurl_loop *loop, int timeout_ms) {
  struct epoll_event events[128];
  int count = epoll_wait(loop->epoll, events, 128, ccurl_loop_timeout(loop, timeout_ms));
  int with_news = 0;
  for (int index = 0; index < count; index++) {
    int descriptor = events[index].data.fd;
    if (descriptor == loop->wakeup) {
      uint64_t wakes;
      while (read(loop->wakeup, &wakes, sizeof wakes) > 0) continue;
      continue;
    }
    ccurl_socket *known = &loop->sockets[descriptor];
    if (!known->is_wanted) {
      // An idle connection that the server has closed, as a rule: libcurl finds that out when it wants to use it.
      ccurl_unregister(loop, known, descriptor);
      continue;
    }
    uint32_t seen = events[index].events;
    int mask = (seen & EPOLLIN ? CURL_CSELECT_IN : 0) | (seen & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
               (seen & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
    ccurl_act(api, known->pool, descriptor, mask);
    with_news++;
  }
  ccurl_loop_run_due(api, loop);
  return with_news;
}

/// Ends the current or the next wait, from any thread.
static inline void ccurl_loop_wake(ccurl_loop *loop) {
  uint64_t one = 1;
  // A counter that is full already wakes as well.
  if (write(loop->wakeup, &one, sizeof one) < 0) return;
}
