// SPDX-License-Identifier: Apache-2.0
// A Proxy-Wasm plug-in that does nothing: what the way into a plug-in and back costs.
#include "plugin.h"

EXPORT(proxy_on_request_headers) int on_request_headers(int, int, int) { return 0; }
EXPORT(proxy_on_request_body) int on_request_body(int, int, int) { return 0; }
EXPORT(proxy_on_response_headers) int on_response_headers(int, int, int) { return 0; }
EXPORT(proxy_on_response_body) int on_response_body(int, int, int) { return 0; }
