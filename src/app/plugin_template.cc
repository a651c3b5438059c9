// SPDX-License-Identifier: Apache-2.0
// The folder of a plug-in that has just been named: source, story, and a configuration to run it.
// NAME, TITLE and FILE are replaced in the texts.
#include <cctype>
#include <cstdio>
#include <string_view>
#include <system_error>

#include "aio/files.h"
#include "app/plugin_kit.h"
#include "base/text.h"

namespace mynah {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNameMax = 64;

constexpr std::string_view kSource = R"(// NAME: adds a greeting to every response. It cannot fail.
#include <mynah/plugin.h>

using namespace mynah;

struct Config {
  std::string greeting = "hello";

  static void describe(Schema<Config>& schema) {
    schema.field("greeting", &Config::greeting, "what the header x-greeting says").range(1, 100);
  }
};

// One exchange, from the first header of the request to the last byte of the response. Returning
// early lets the rest pass untouched.
Task<> serve(const Config& config, Exchange& x) {
  Response& response = co_await x.next();
  response.set_header("x-greeting", config.greeting);
}

MYNAH_PLUGIN(Config, serve,
             {.id = "NAME",
              .title = "TITLE",
              .about = "Adds a greeting to every response.",
              .version = "0.1.0"});
)";

constexpr std::string_view kStory = R"(story   every response carries the greeting
config  {"greeting": "good morning"}
given   upstream 200 text/plain
        the answer
request GET /
expect  200 text/plain
        x-greeting: good morning
        body = the answer

story   without a configuration it says hello
request GET /
expect  200
        x-greeting: hello
)";

constexpr std::string_view kReadme = R"(# TITLE

What NAME does, what it needs, and what happens when that does not work.

    mynah plugin build .                 # build/NAME.wasm
    mynah plugin test .                  # plays stories/
    mynah run --config mynah.yaml        # then: curl -i http://127.0.0.1:8080/v1/models

While the gateway runs, a `mynah plugin build .` puts the new module in the place of the old one.
)";

constexpr std::string_view kConfig =
    R"(# A gateway with this plug-in in front of a stand-in for a model.
gateway:
  listeners:
    - address: 127.0.0.1:8080
console: {address: 127.0.0.1:8001}
data: ./build/data
routes:
  - name: all
    match: {path: {prefix: /}}
    service: demo
plugins:
  - id: NAME
    wasm: ./build/NAME.wasm
    config: {greeting: hello from NAME}
)";

std::string filled(std::string_view text, const std::string& name) {
  std::string title = name;
  title[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(title[0])));
  for (char& c : title) c = c == '-' ? ' ' : c;
  std::string made;
  while (!text.empty()) {
    const std::size_t at = std::min(text.find("NAME"), text.find("TITLE"));
    append(made, text.substr(0, at));
    if (at == std::string_view::npos) break;
    const bool is_title = text[at] == 'T';
    append(made, is_title ? title : name);
    text.remove_prefix(at + (is_title ? 5 : 4));
  }
  return made;
}

Status check_name(const std::string& name) {
  bool good = !name.empty() && name.size() <= kNameMax && name.front() >= 'a' &&
              name.front() <= 'z' && name.back() != '-';
  for (const char c : name) good &= is_digit(c) || c == '-' || (c >= 'a' && c <= 'z');
  if (good) return ok();
  return Error{Errc::invalid_argument, cat("\"", name.substr(0, kNameMax),
                                           "\" is no name of a plug-in: lower-case letters, "
                                           "digits and hyphens, a letter first, at most ",
                                           kNameMax)};
}

}  // namespace

Status new_plugin(const std::string& name, const fs::path& where) {
  MYNAH_OK(check_name(name));
  const fs::path folder = where / name;
  std::error_code failed;
  if (fs::exists(folder))
    return Error{Errc::already_exists, cat(folder.string(), " exists already")};
  fs::create_directories(folder / "stories", failed);
  if (failed)
    return Error{Errc::denied, cat("cannot make ", folder.string(), ": ", failed.message())};
  std::string stem = name;
  for (char& c : stem) c = c == '-' ? '_' : c;
  MYNAH_OK(write_file_atomically((folder / (stem + ".cc")).string(), filled(kSource, name)));
  MYNAH_OK(write_file_atomically((folder / "stories" / (stem + ".story")).string(),
                                 filled(kStory, name)));
  MYNAH_OK(write_file_atomically((folder / "README.md").string(), filled(kReadme, name)));
  MYNAH_OK(write_file_atomically((folder / "mynah.yaml").string(), filled(kConfig, name)));
  MYNAH_OK(write_file_atomically((folder / ".gitignore").string(), "build/\n"));
  const std::string text = cat("made ", folder.string(), "\n  mynah plugin test ", folder.string(),
                               "\n  mynah run --config ", (folder / "mynah.yaml").string(), "\n");
  std::fputs(text.c_str(), stdout);  // tidy: allow printf: the command's answer
  return ok();
}

}  // namespace mynah
