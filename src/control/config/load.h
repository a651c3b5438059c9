// SPDX-License-Identifier: Apache-2.0
// Loading a configuration: from a file, and what is in force when there is none.
//
//   auto loaded = load_config("gateway.yaml", environment);
//   if (!loaded) print(loaded.error().what);          // "gateway.yaml:12:5: routes[0]: …", a line
//   each workers.use(loaded->config);
//
// Nothing is kept between calls: a program that reloads calls again and takes the new
// configuration, or keeps the one it has when the answer is an error.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "control/config/document.h"
#include "control/config/overlay.h"
#include "control/config/reader.h"
#include "gateway/model.h"

namespace mynah::control {

struct Loaded {
  std::shared_ptr<const model::Config> config;
  // The file, and the files that it names (certificates, keys, modules): what to watch.
  std::vector<std::string> files;
  // What stands in the file itself, and is changed only there.
  std::set<std::pair<ObjectKind, std::string>> in_file;
};

// Reads and checks the file, and after it what stands beside it. The error's text has one line for
// each mistake, with file, line and column; at most Problems::kKept of them.
Result<Loaded> load_config(const std::string& path, const Environment& environment,
                           const Overlay& overlay = {});

// The same of a text. `name` stands for the file in messages, `folder` is what relative paths start
// from, and with Files::do_not_look files that are named need not exist.
Result<Loaded> parse_config(std::string_view text, std::string_view name, const std::string& folder,
                            const Environment& environment, Files files = Files::look,
                            const Overlay& overlay = {});

// What is served without a file: /v1, with ai-cache on, from the first provider of models whose key
// is in the environment (DEFAULT_AI_SERVICE chooses), or from the embedded demo-llm.
Result<Loaded> default_config(const Environment& environment, const Overlay& overlay = {});

// The folder `data` alone, which must be known before what is kept there can be read. Nothing else
// of the file is checked.
Result<std::string> data_folder_of(const std::string& path, const Environment& environment);

}  // namespace mynah::control
