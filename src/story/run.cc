// SPDX-License-Identifier: Apache-2.0
// Reads files of stories, plays them, prints what failed.
#include "story/run.h"

#include <cstdio>
#include <fstream>
#include <sstream>

#include "base/text.h"

namespace mynah::story {

Status run_file(const std::string& path, Stage& stage, Tally& tally) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{Errc::not_found, cat("cannot read ", path)};
  std::ostringstream text;
  text << file.rdbuf();
  MYNAH_LET(const auto stories, parse_stories(text.str(), path));
  for (const Story& story : stories) {
    const auto failures = play(story, stage);
    ++tally.stories;
    if (!failures.empty()) ++tally.failed;
    for (const Failure& failure : failures) tally.failures += report(failure);
  }
  return ok();
}

int run_files(int count, char** paths, Stage& stage) {
  Tally tally;
  for (int i = 0; i < count; ++i) {
    if (const Status ran = run_file(paths[i], stage, tally); !ran) {
      ++tally.failed;
      append(tally.failures, ran.error().what, "\n");
    }
  }
  const std::string summary =
      cat(tally.failures, tally.stories, " stories, ", tally.failed, " failed\n");
  // tidy: allow printf: a runner of tests
  std::fputs(summary.c_str(), tally.failed == 0 ? stdout : stderr);
  if (tally.failed > 0) return 1;
  return tally.stories == 0 ? 2 : 0;
}

}  // namespace mynah::story
