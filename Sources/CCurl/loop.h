#pragma once

// The event loop of one multi handle: epoll tells libcurl which sockets have news.
//
// curl_multi_perform looks at every transfer, and curl_multi_poll at every socket, whenever one of them has news; with ten
// thousand calls in flight that costs more than the calls. Here the cost of a call does not depend on how many wait.

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

typedef struct ccurl_loop {
  CURLM *multi;
  int epoll;
  int wakeup;        ///< an eventfd that any thread may write to
  int64_t timer_ms;  ///< when libcurl wants to be called at the latest, on the monotonic clock; 0 for never
} ccurl_loop;

static inline int64_t ccurl_now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// libcurl says what it waits for on a socket.
static inline int ccurl_on_socket(CURL *easy, curl_socket_t socket, int what, void *loop_pointer, void *known) {
  (void)easy;
  (void)known;
  ccurl_loop *loop = (ccurl_loop *)loop_pointer;
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(loop->epoll, EPOLL_CTL_DEL, socket, NULL);
    return 0;
  }
  struct epoll_event event = {0};
  event.data.fd = socket;
  if (what & CURL_POLL_IN) event.events |= EPOLLIN;
  if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
  if (epoll_ctl(loop->epoll, EPOLL_CTL_MOD, socket, &event) == 0) return 0;
  return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, socket, &event) == 0 ? 0 : -1;
}

// libcurl says when it wants to be called again.
static inline int ccurl_on_timer(CURLM *multi, long timeout_ms, void *loop_pointer) {
  (void)multi;
  ((ccurl_loop *)loop_pointer)->timer_ms = timeout_ms < 0 ? 0 : ccurl_now_ms() + timeout_ms;
  return 0;
}

static inline void ccurl_loop_close(const ccurl_api *api, ccurl_loop *loop) {
  if (loop->multi) api->multi_cleanup(loop->multi);
  if (loop->epoll >= 0) close(loop->epoll);
  if (loop->wakeup >= 0) close(loop->wakeup);
  free(loop);
}

/// Makes a loop that keeps so many idle connections; returns NULL when memory or descriptors are short.
static inline ccurl_loop *ccurl_loop_open(const ccurl_api *api, long idle_connections) {
  ccurl_loop *loop = (ccurl_loop *)calloc(1, sizeof *loop);
  if (!loop) return NULL;
  loop->epoll = epoll_create1(EPOLL_CLOEXEC);
  loop->wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  loop->multi = api->multi_init();
  struct epoll_event event = {0};
  event.events = EPOLLIN;
  event.data.fd = loop->wakeup;
  if (!loop->multi || loop->epoll < 0 || loop->wakeup < 0 ||
      epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->wakeup, &event) != 0) {
    ccurl_loop_close(api, loop);
    return NULL;
  }
  api->multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, idle_connections);
  api->multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, ccurl_on_socket);
  api->multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
  api->multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, ccurl_on_timer);
  api->multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
  return loop;
}

/// Lets libcurl do what is due by the clock: start transfers, give up those whose time is over.
static inline void ccurl_loop_run_due(const ccurl_api *api, ccurl_loop *loop) {
  if (loop->timer_ms == 0 || loop->timer_ms > ccurl_now_ms()) return;
  int running;
  loop->timer_ms = 0;
  api->multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

/// Waits for news, at most so long, and lets libcurl work on them. Returns the number of sockets with news; 0 after the timeout, a
/// wake-up, or a signal.
static inline int ccurl_loop_wait(const ccurl_api *api, ccurl_loop *loop, int timeout_ms) {
  if (loop->timer_ms != 0) {
    int64_t left = loop->timer_ms - ccurl_now_ms();
    if (left < timeout_ms) timeout_ms = left < 0 ? 0 : (int)left;
  }
  struct epoll_event events[128];
  int count = epoll_wait(loop->epoll, events, 128, timeout_ms);
  int with_news = 0, running;
  for (int index = 0; index < count; index++) {
    if (events[index].data.fd == loop->wakeup) {
      uint64_t wakes;
      while (read(loop->wakeup, &wakes, sizeof wakes) > 0) continue;
      continue;
    }
    uint32_t seen = events[index].events;
    int mask = (seen & EPOLLIN ? CURL_CSELECT_IN : 0) | (seen & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
               (seen & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
    api->multi_socket_action(loop->multi, events[index].data.fd, mask, &running);
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
