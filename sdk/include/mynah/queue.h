// SPDX-License-Identifier: Apache-2.0
// Shared queues: what one machine of a plug-in puts in, any machine of any plug-in that knows the
// name takes out.
//
//   MYNAH_CO_LET(auto jobs, SharedQueue::open("jobs"));
//   MYNAH_CO_OK(jobs.push(job));
//   while (auto job = jobs.pop()) …
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mynah {
inline namespace plugin {

class SharedQueue final {
 public:
  // This plug-in's queue of that name, made when it is not there.
  static Result<SharedQueue> open(std::string_view name);
  // That of another plug-in's machines, by their vm id; Errc::not_found when nobody has opened it.
  static Result<SharedQueue> find(std::string_view vm_id, std::string_view name);

  // An error when the host's limit is reached.
  Status push(std::string_view item);
  // The oldest item, if there is one.
  std::optional<std::string> pop();

 private:
  explicit SharedQueue(std::uint32_t id) : id_(id) {}

  std::uint32_t id_;
};

}  // namespace plugin
}  // namespace mynah
