// SPDX-License-Identifier: Apache-2.0
// The kit for plug-in authors that travels with the program: headers, archives and flags of the SDK
// in ../sdk-kit, and the compiler of the distribution. What `mynah plugin new|build|test` do.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace mynah {

// Makes the folder `where`/`name`: a plug-in that builds, tests and runs at once. Prints what to do
// next. Errc::already_exists when there is such a folder.
Status new_plugin(const std::string& name, const std::filesystem::path& where);

struct BuiltPlugin {
  std::filesystem::path module;
  std::string bytes;
};

// For which hosts a module is: those that lack the host functions for Redis refuse one that imports
// them, and get one in which calls to Redis are errors.
enum class Hosts { with_redis, without_redis };

// Compiles the sources (*.cc) of the folder to build/<id>.wasm in it, or to
// build/<id>-without-redis.wasm. Prints size and identity. What the compiler says goes to standard
// error.
Result<BuiltPlugin> build_plugin(const std::filesystem::path& folder, Hosts hosts);

// Builds the folder's plug-in and plays its stories/*.story. Prints what failed, with what came
// instead. An error when something failed, or when there is no story.
Status test_plugin(const std::filesystem::path& folder);

}  // namespace mynah
