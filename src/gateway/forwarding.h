// SPDX-License-Identifier: Apache-2.0
// What the gateway adds to a request at its edge and takes from it: who the client is, by which way
// the request came, and headers that a client may not set.
#pragma once

#include <string>
#include <string_view>

#include "base/headers.h"
#include "gateway/model.h"
#include "http/stream.h"

namespace mynah {

// The client as the gateway believes it: the address of the connection, or what the trusted proxies
// in front say.
struct Client {
  std::string address;  // Without port.
  bool tls = false;     // How the client itself spoke to the first trusted proxy.
};

// Reads who the client is, removes what only plug-ins may set, and brings the forwarding fields up
// to date: appends to x-forwarded-for, sets x-forwarded-proto and x-forwarded-host unless a trusted
// proxy has, adds to `forwarded` where it stands, adds `via`. Fields of proxies that are not
// trusted are replaced, not extended.
Client prepare_request(Headers& request, const http::PeerInfo& peer, http::Version version,
                       const model::Forwarding& settings);

// Whether an address lies in a block; an IPv4 address also in the block's IPv6-mapped form.
bool in_block(std::string_view address, const model::Cidr& block);

}  // namespace mynah
