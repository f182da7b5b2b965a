#include "CurlFloor.h"

#include <curl/curl.h>
#include <stdlib.h>

static size_t drop(char *bytes, size_t size, size_t count, void *total) {
  (void)bytes;
  *(size_t *)total += size * count;
  return size * count;
}

static CURL *prepare(const char *url, const char *body, struct curl_slist *headers, size_t *total) {
  CURL *easy = curl_easy_init();
  if (easy == NULL) return NULL;
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, total);
  return easy;
}

// Takes the ended transfers in, and starts them again while calls are left.
static int restart(CURLM *multi, int *left, int *answered) {
  CURLMsg *message;
  int queued;
  while ((message = curl_multi_info_read(multi, &queued)) != NULL) {
    if (message->msg != CURLMSG_DONE) continue;
    long status = 0;
    curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
    if (message->data.result != CURLE_OK || status != 200) return -1;
    ++*answered;
    curl_multi_remove_handle(multi, message->easy_handle);
    if (*left > 0) {
      --*left;
      curl_multi_add_handle(multi, message->easy_handle);
    }
  }
  return 0;
}

int curl_floor_post(const char *url, const char *body, int concurrency, int count) {
  CURLM *multi = curl_multi_init();
  CURL **easy = calloc((size_t)concurrency, sizeof *easy);
  struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
  headers = curl_slist_append(headers, "x-api-key: tk_benchmark_0123456789abcdef");
  headers = curl_slist_append(headers, "linked_account_id: acme");
  size_t total = 0;
  int left = count, answered = 0, failed = multi == NULL || easy == NULL;
  for (int index = 0; index < concurrency && left > 0 && !failed; index++, left--) {
    easy[index] = prepare(url, body, headers, &total);
    failed = easy[index] == NULL || curl_multi_add_handle(multi, easy[index]) != CURLM_OK;
  }
  while (answered < count && !failed) {
    int running;
    failed = curl_multi_perform(multi, &running) != CURLM_OK || restart(multi, &left, &answered) != 0 ||
             (answered < count && curl_multi_poll(multi, NULL, 0, 1000, NULL) != CURLM_OK);
  }
  for (int index = 0; easy != NULL && index < concurrency; index++) {
    if (easy[index] == NULL) continue;
    curl_multi_remove_handle(multi, easy[index]);
    curl_easy_cleanup(easy[index]);
  }
  free(easy);
  curl_multi_cleanup(multi);
  curl_slist_free_all(headers);
  return failed ? -1 : answered;
}
