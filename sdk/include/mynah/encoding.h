// SPDX-License-Identifier: Apache-2.0
// Hexadecimal, Base64 in both alphabets, percent-encoding; what time and dates look like is in
// time.h.
#pragma once

#include "base/encoding.h"  // IWYU pragma: export
