// SPDX-License-Identifier: Apache-2.0
// What `mynah plugin publish|list|show|enable|disable|delete|export` do, on a running gateway. A
// refusal is an error whose text has its code, its sentence and its remedy.
#pragma once

#include <optional>
#include <string>

#include "app/check_plugin.h"
#include "app/remote.h"
#include "base/result.h"

namespace mynah {

struct PublishOptions {
  std::string path;  // A module, or a plug-in's folder, which is built first.
  // Empty: what the module says of itself.
  std::string id;
  std::string name;
  std::string description;
  std::string version;
  std::string version_description;
  std::string language;
  std::string stage;
  std::string priority;
  std::string min_gateway_version;
};

struct BindingOptions {
  std::string id;
  std::string scope = "global";
  std::string config;   // JSON, or @FILE. Empty: as it is.
  std::string version;  // Empty: as it is, at first the newest.
};

enum class ExportAs { wasm_plugin, envoy };

struct ExportOptions {
  std::string id;
  std::string version;  // Empty: the one in use, else the newest.
  ExportAs as = ExportAs::wasm_plugin;
  std::string url;   // Where the other gateway finds the module. Empty: file:///ID-VERSION.wasm.
  std::string wasm;  // Where to write the module. Empty: nowhere.
};

Status publish_plugin(const RemoteOptions& remote, const PublishOptions& options, Format format);
Status list_plugins(const RemoteOptions& remote, Format format);
Status show_plugin(const RemoteOptions& remote, const std::string& id, Format format);
Status enable_plugin(const RemoteOptions& remote, const BindingOptions& options, Format format);
Status disable_plugin(const RemoteOptions& remote, const BindingOptions& options);
Status delete_plugin(const RemoteOptions& remote, const std::string& id);
// Prints the document.
Status export_plugin(const RemoteOptions& remote, const ExportOptions& options);

}  // namespace mynah
