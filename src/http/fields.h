// SPDX-License-Identifier: Apache-2.0
// What a field's name says about how far it travels.
#pragma once

#include <string_view>

#include "base/headers.h"

namespace mynah::http {

// Fields that describe one connection and are never passed on: connection, keep-alive,
// proxy-connection, transfer-encoding, upgrade, te, http2-settings. The name is in lower case.
bool is_hop_by_hop(std::string_view name);

// Fields that may not come after a body, since they decide how the message is framed, routed,
// authorised or understood.
bool is_forbidden_in_trailers(std::string_view name);

// Takes out the connection fields and every field that a `connection` field names; `te: trailers`
// stays. The codecs have done so for what they received; this is for headers that come from
// elsewhere.
void strip_hop_by_hop(Headers& headers);

// True for `:authority` as a gateway takes it: a host name or address, and a port after it if any;
// no user information.
bool is_authority(std::string_view text);

// True for the origin form of a request target, `/…`, with well-formed escapes in the path, or for
// `*`.
bool is_path(std::string_view text);

}  // namespace mynah::http
