// SPDX-License-Identifier: Apache-2.0
// Time as text: http_date(now()), rfc3339(now()), and both ways back.
#pragma once

#include "base/time.h"   // IWYU pragma: export
#include "mynah/wait.h"  // IWYU pragma: export
