// SPDX-License-Identifier: Apache-2.0
// Putting line breaks into JSON that is known to be well formed; strings are passed over.
#include "control/config/indent.h"

namespace mynah::control {

std::string indented(std::string_view json) {
  std::string out;
  std::size_t depth = 0;
  bool in_string = false;
  const auto new_line = [&out, &depth] { out.append("\n").append(2 * depth, ' '); };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      out += c;
      if (c == '\\') out += json[++i];
      in_string = c != '"';
      continue;
    }
    if (c == '}' || c == ']') {
      --depth;
      if (json[i - 1] != '{' && json[i - 1] != '[') new_line();
    }
    out += c;
    in_string = c == '"';
    if (c == ':') out += ' ';
    if (c == '{' || c == '[') ++depth;
    const bool opened = (c == '{' || c == '[') && json[i + 1] != '}' && json[i + 1] != ']';
    if (c == ',' || opened) new_line();
  }
  return out + "\n";
}

}  // namespace mynah::control
