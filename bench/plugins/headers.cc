// SPDX-License-Identifier: Apache-2.0
// A Proxy-Wasm plug-in that reads one header and sets another, in requests and in responses.
#include "plugin.h"

IMPORT(proxy_get_header_map_value)
int get_value(int map, const char* name, unsigned size, char** value, unsigned* value_size);
IMPORT(proxy_replace_header_map_value)
int replace_value(int map, const char* name, unsigned size, const char* value, unsigned value_size);

namespace {

void read_and_set(int map) {
  char* value = nullptr;
  unsigned size = 0;
  get_value(map, "content-type", 12, &value, &size);
  replace_value(map, "x-plugin", 8, size > 0 ? "typed" : "plain", 5);
  forget();
}

}  // namespace

EXPORT(proxy_on_request_headers) int on_request_headers(int, int, int) {
  read_and_set(0);
  return 0;
}
EXPORT(proxy_on_response_headers) int on_response_headers(int, int, int) {
  read_and_set(2);
  return 0;
}
