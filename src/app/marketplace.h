// SPDX-License-Identifier: Apache-2.0
// What joins the marketplace to the parts of the gateway that run plug-ins.
#pragma once

#include <vector>

#include "control/config/load.h"
#include "gateway/plugin_loader.h"
#include "market/catalogue.h"
#include "market/market.h"

namespace mynah {

// Finds what is published, for the loader. The catalogue outlives it.
PluginLoader::FindPublished finder_in(const market::Catalogue& catalogue);

// The plug-ins that stand in the configuration file.
std::vector<market::FilePlugin> plugins_in_file(const control::Loaded& loaded);

}  // namespace mynah
