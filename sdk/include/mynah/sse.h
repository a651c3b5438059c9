// SPDX-License-Identifier: Apache-2.0
// Server-sent events, read and written: SseEvent, SseReader, write_event.
#pragma once

#include "base/sse.h"  // IWYU pragma: export
