// SPDX-License-Identifier: Apache-2.0
// story_<plug-in> FILE...: plays stories on the plug-in that is linked into this program.
#include "mynah/native.h"
#include "story/run.h"

int main(int count, char** arguments) {
  const auto stage =
      mynah::story::plugin_stage(mynah::story::native_machine(mynah::native_plugin()));
  return mynah::story::run_files(count - 1, arguments + 1, *stage);
}
