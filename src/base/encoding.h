// SPDX-License-Identifier: Apache-2.0
// Bytes as text: hexadecimal, Base64, percent-encoding. Decoding is strict: what an encoder would
// not have written is refused, so that two texts never stand for the same bytes unnoticed
// (percent-encoding, which has no one form, apart).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace mynah {

std::string hex(std::string_view bytes);               // lower case
Result<std::string> parse_hex(std::string_view text);  // either case

// With padding, RFC 4648 section 4.
std::string base64(std::string_view bytes);
Result<std::string> parse_base64(std::string_view text);  // padding required
// The alphabet for addresses and file names, without padding, section 5.
std::string base64url(std::string_view bytes);
Result<std::string> parse_base64url(std::string_view text);  // padding refused

// Encodes all but letters, digits and "-._~", so the result can stand for one segment of a path or
// one value of a query.
std::string percent_encode(std::string_view text);
// Refuses a `%` that no two hexadecimal digits follow. A `+` stays one.
Result<std::string> percent_decode(std::string_view text);

}  // namespace mynah
