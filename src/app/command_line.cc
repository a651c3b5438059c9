// SPDX-License-Identifier: Apache-2.0
// The commands and their options.
#include "app/command_line.h"

#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>

#include "app/account_command_line.h"
#include "app/check_plugin.h"
#include "app/market_command_line.h"
#include "app/plugin_kit.h"
#include "app/program.h"
#include "app/say.h"
#include "app/version.h"
#include "base/text.h"
#include "control/admin/backup.h"
#include "control/config/load.h"
#include "gateway/supported.h"
#include "wasm/compile_process.h"

namespace mynah {
namespace {

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

int fail(const Error& error) {
  std::fprintf(stderr, "%s\n", error.what.c_str());  // tidy: allow printf: the command's answer
  return kFailed;
}

int outcome(const Status& status) { return status ? kDone : fail(status.error()); }

int check(const std::string& path) {
  const auto loaded = control::load_config(path, environment_of_process());
  if (!loaded) return fail(loaded.error());
  const auto supported = check_supported(*loaded->config);
  if (!supported) return fail(Error{supported.error()}.within(path));
  std::printf("%s is a good configuration\n",
              path.c_str());  // tidy: allow printf: the command's answer
  return kDone;
}

int tell_contents(std::string_view done, const Result<control::BackupContents>& contents) {
  if (!contents) return fail(contents.error());
  say(cat(done, " ", contents->files, " files, ", contents->bytes, " bytes"));
  return kDone;
}

}  // namespace

int run_command_line(int argc, char** argv) {
  CLI::App app{
      "Mynah: an AI gateway that runs plug-ins and answers repeated questions from a cache.",
      "mynah"};
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::help);
  app.footer("Exit status: 0 done, 1 refused or failed, 2 wrong usage.");
  int status = kDone;

  RunOptions run_options;
  auto* run =
      app.add_subcommand("run", "start the gateway; prints one line `ready …` when it serves");
  run->add_option("--config", run_options.config,
                  "configuration file; without one, /v1 is served with defaults")
      ->type_name("FILE");
  run->add_option("--data", run_options.data,
                  "folder for what the gateway keeps, in the place of the file's `data`")
      ->type_name("DIR");
  run->callback([&] {
    const auto ended = run_gateway(run_options);
    status = ended ? kDone : fail(ended.error());
  });

  std::string config;
  auto* check_command = app.add_subcommand(
      "check", "validate a configuration: every mistake with its file, line and column");
  check_command->add_option("--config", config, "configuration file")
      ->required()
      ->type_name("FILE");
  check_command->callback([&] { status = check(config); });

  auto* plugin = app.add_subcommand("plugin", "work with plug-ins");
  plugin->require_subcommand(1);
  std::string module;
  bool as_json = false;
  auto* plugin_check =
      plugin->add_subcommand("check", "say what a .wasm file is, and whether it runs here");
  plugin_check->add_option("file", module, "the module")->required()->type_name("FILE");
  plugin_check->add_flag("--json", as_json, "answer in JSON");
  plugin_check->callback([&] {
    const auto checked = check_plugin(module, as_json ? Format::json : Format::text);
    status = checked ? kDone : fail(checked.error());
  });

  std::string name;
  std::string folder = ".";
  auto* plugin_new = plugin->add_subcommand(
      "new", "make a folder with a plug-in that builds, tests and runs at once");
  plugin_new->add_option("name", name, "lower-case letters, digits and hyphens")
      ->required()
      ->type_name("NAME");
  plugin_new->add_option("--in", folder, "where to make the folder")->type_name("DIR");
  plugin_new->callback([&] { status = outcome(new_plugin(name, folder)); });
  auto* plugin_build =
      plugin->add_subcommand("build", "compile the sources of a folder to build/<id>.wasm in it");
  plugin_build->add_option("folder", folder, "the plug-in's folder; by default this one")
      ->type_name("DIR");
  bool without_redis = false;
  plugin_build->add_flag("--without-redis", without_redis,
                         "for hosts that have no Redis, such as Envoy: calls to it are errors");
  plugin_build->callback([&] {
    const auto built =
        build_plugin(folder, without_redis ? Hosts::without_redis : Hosts::with_redis);
    status = built ? kDone : fail(built.error());
  });
  auto* plugin_test =
      plugin->add_subcommand("test", "build a folder's plug-in and play its stories");
  plugin_test->add_option("folder", folder, "the plug-in's folder; by default this one")
      ->type_name("DIR");
  plugin_test->callback([&] { status = outcome(test_plugin(folder)); });

  MarketCommandLine market;
  market.add_to(*plugin, [&](const Status& ended) { status = outcome(ended); });

  app.add_subcommand("version", "say which version this is")->callback([] {
    std::printf("mynah %s\n", kVersion);  // tidy: allow printf: the command's answer
  });

  std::string data = "./data";
  AccountCommandLine accounts;
  accounts.add_to(app, [&](const Status& ended) { status = outcome(ended); });

  std::string archive;
  auto* backup = app.add_subcommand(
      "backup",
      "save users, tokens, what the API keeps and published plug-ins; the gateway may run");
  backup->add_option("file", archive, "the tar file to make")->required()->type_name("FILE");
  backup->add_option("--data", data, "the gateway's data folder")
      ->type_name("DIR")
      ->capture_default_str();
  backup->callback([&] { status = tell_contents("saved", control::back_up(data, archive)); });
  auto* restore = app.add_subcommand("restore", "bring a backup into a new data folder");
  restore->add_option("file", archive, "the backup")->required()->type_name("FILE");
  restore->add_option("--data", data, "the folder to make")->required()->type_name("DIR");
  restore->callback([&] { status = tell_contents("restored", control::restore(archive, data)); });

  std::string native_path;
  auto* compile = app.add_subcommand("compile-module", "")->group("");
  compile->add_option("file", native_path)->required();
  compile->callback([&] { status = wasm::compile_child_main(native_path); });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, std::cout, std::cerr) == 0 ? kDone : kWrongUsage;
  }
  return status;
}

}  // namespace mynah
