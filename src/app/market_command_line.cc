// SPDX-License-Identifier: Apache-2.0
// Options of the marketplace's commands.
#include "app/market_command_line.h"

#include <map>
#include <string>

#include <CLI/CLI.hpp>

#include "app/account_command_line.h"

namespace mynah {

void MarketCommandLine::add_to(CLI::App& plugin, const End& end) {
  add_publish(plugin, end);
  add_bindings(plugin, end);
  add_export(plugin, end);

  auto* list = plugin.add_subcommand("list", "what can be enabled, in the order in which it runs");
  add_remote_options(*list, remote_, &json_);
  list->callback([this, end] { end(list_plugins(remote_, format())); });

  auto* show = plugin.add_subcommand("show", "a plug-in: its versions, and where it is enabled");
  show->add_option("id", id_, "the plug-in")->required()->type_name("ID");
  add_remote_options(*show, remote_, &json_);
  show->callback([this, end] { end(show_plugin(remote_, id_, format())); });

  auto* remove = plugin.add_subcommand("delete", "delete a published plug-in that is not in use");
  remove->add_option("id", id_, "the plug-in")->required()->type_name("ID");
  add_remote_options(*remove, remote_);
  remove->callback([this, end] { end(delete_plugin(remote_, id_)); });
}

void MarketCommandLine::add_publish(CLI::App& plugin, const End& end) {
  auto* publish = plugin.add_subcommand(
      "publish", "publish a module, or a plug-in's folder, which is built first");
  publish->add_option("path", publish_.path, "the module or the folder")
      ->required()
      ->type_name("FILE|FOLDER");
  const auto field = [&](const char* option, std::string& into, const char* text) {
    publish->add_option(option, into, text)->type_name("TEXT");
  };
  field("--id", publish_.id, "its id; this and what follows: else what the module says of itself");
  field("--name", publish_.name, "its name, for people");
  field("--description", publish_.description, "what it does");
  field("--version", publish_.version, "1.2.3");
  field("--version-description", publish_.version_description, "what is new");
  field("--language", publish_.language, "what it is written in");
  field("--stage", publish_.stage, "authn, authz, stats or default");
  field("--priority", publish_.priority, "within the stage the larger runs first");
  field("--min-gateway-version", publish_.min_gateway_version, "the oldest gateway it runs in");
  add_remote_options(*publish, remote_, &json_);
  publish->callback([this, end] { end(publish_plugin(remote_, publish_, format())); });
}

void MarketCommandLine::add_bindings(CLI::App& plugin, const End& end) {
  const auto placed = [&](const char* name, const char* text) {
    auto* command = plugin.add_subcommand(name, text);
    command->add_option("id", binding_.id, "the plug-in")->required()->type_name("ID");
    command->add_option("--scope", binding_.scope, "global, route:NAME, host:NAME or service:NAME")
        ->type_name("SCOPE")
        ->capture_default_str();
    return command;
  };
  auto* enable = placed("enable", "run a plug-in at a scope, or change how it runs there");
  enable->add_option("--config", binding_.config, "its configuration; left out: as it is")
      ->type_name("JSON|@FILE");
  enable
      ->add_option("--version", binding_.version,
                   "a version that stays, or `newest`, which is followed; it holds at all scopes")
      ->type_name("VERSION");
  add_remote_options(*enable, remote_, &json_);
  enable->callback([this, end] { end(enable_plugin(remote_, binding_, format())); });

  auto* disable = placed("disable", "run a plug-in at a scope no more");
  add_remote_options(*disable, remote_);
  disable->callback([this, end] { end(disable_plugin(remote_, binding_)); });
}

void MarketCommandLine::add_export(CLI::App& plugin, const End& end) {
  auto* command = plugin.add_subcommand("export", "print what other gateways need to run it alike");
  command->add_option("id", export_.id, "the plug-in")->required()->type_name("ID");
  const std::map<std::string, ExportAs> forms = {{"wasmplugin", ExportAs::wasm_plugin},
                                                 {"envoy", ExportAs::envoy}};
  command
      ->add_option("--as", export_.as,
                   "wasmplugin: a document for Kubernetes; envoy: an entry of http_filters")
      ->transform(CLI::CheckedTransformer(forms))
      ->type_name("FORM");
  command->add_option("--version", export_.version, "else the one in use, or the newest")
      ->type_name("VERSION");
  command->add_option("--url", export_.url, "where the other gateway finds the module")
      ->type_name("URL");
  command->add_option("--wasm", export_.wasm, "where to write the module")->type_name("FILE");
  add_remote_options(*command, remote_);
  command->callback([this, end] { end(export_plugin(remote_, export_)); });
}

}  // namespace mynah
