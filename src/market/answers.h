// SPDX-License-Identifier: Apache-2.0
// What the marketplace's calls answer when they do not do what they were asked.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "control/admin/api_call.h"
#include "market/refusal.h"
#include "market/schema.h"

namespace mynah::market {

// The refusal's code and sentence, its remedy in the details.
control::ApiResponse refusal_answer(const Refusal& refusal);

control::ApiResponse no_plugin(std::string_view id);
control::ApiResponse no_version(std::string_view id, std::string_view version);
// It stands in the configuration file, and is changed there.
control::ApiResponse in_file(std::string_view id);
control::ApiResponse in_use(std::string_view id, const std::vector<std::string>& where);
control::ApiResponse config_refused(std::string_view id, std::string_view scope,
                                    const std::vector<Misfit>& misfits);
// The configuration as a whole would not be good, or the plug-in does not start with it.
control::ApiResponse change_refused(const Error& error);

}  // namespace mynah::market
