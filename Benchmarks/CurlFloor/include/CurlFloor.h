// What making calls costs with libcurl alone: the floor that the runtime is measured against.
#pragma once

// POSTs a body again and again, so many at a time, and counts the answers with status 200; -1 when one fails.
int curl_floor_post(const char *url, const char *body, int concurrency, int count);
