// SPDX-License-Identifier: Apache-2.0
// What the probe plug-in holds while it waits.
#pragma once

// One for each object that is alive.
class Live final {
 public:
  Live() { ++count; }
  Live(const Live&) = delete;
  ~Live() { --count; }
  static int count;
};
