// SPDX-License-Identifier: Apache-2.0
// The objects of a configuration as the admin API shows them, in pages. Nothing that may hold a
// secret is shown: no values of header edits, no configuration of plug-ins, no environment.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "control/admin/api_call.h"
#include "gateway/model.h"

namespace mynah::control {

struct Page {
  static constexpr std::size_t kLimitMax = 500;
  std::size_t offset = 0;
  std::size_t limit = 100;
};

// `limit` and `offset` of a query.
Result<Page> page_of(const ApiCall::Context& call);

// Names and what is shown of them, as JSON.
using Items = std::vector<std::pair<std::string, std::string>>;
// One page of a listing: {"items": […], "total": n}, of the name that the query asks for, if any.
ApiResponse page_response(const ApiCall::Context& call, const Items& items);

std::string json_of(const model::Route& route);
std::string json_of(const model::Service& service);
std::string json_of(const model::Plugin& plugin);

}  // namespace mynah::control
