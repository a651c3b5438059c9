// SPDX-License-Identifier: Apache-2.0
// Runs files of stories, and says what happened.
#pragma once

#include <cstddef>
#include <string>

#include "story/plugin_stage.h"
#include "story/stage.h"

namespace mynah::story {

struct Tally {
  std::size_t stories = 0;
  std::size_t failed = 0;
  std::string failures;  // as report() writes them
};

// Adds the file's stories to the tally. An error when the file cannot be read or is no story.
Status run_file(const std::string& path, Stage& stage, Tally& tally);

// What a runner's main does with its arguments: plays the files, prints the failures and one line
// of summary. The exit status: 0 when every expectation was met, 1 when not, 2 when there was
// nothing to play.
int run_files(int count, char** paths, Stage& stage);

}  // namespace mynah::story
