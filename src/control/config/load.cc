// SPDX-License-Identifier: Apache-2.0
// From the documents of a file to one checked configuration.
#include "control/config/load.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "base/text.h"
#include "control/config/sections.h"
#include "control/config/wasm_plugin.h"

namespace mynah::control {

namespace {

bool is_kubernetes_object(const Node& document) {
  return document.find("apiVersion") != nullptr && document.find("kind") != nullptr;
}

// The configuration proper: at most one of the documents.
void read_main_document(const std::vector<Node>& documents, Reader& reader, model::Config& config) {
  const Node* first = nullptr;
  for (const Node& document : documents) {
    if (is_kubernetes_object(document)) continue;
    if (first != nullptr) {
      reader.problem(document.mark,
                     cat("a second configuration; the first is in line ", first->mark.line,
                         ". Documents behind it are of kind WasmPlugin"));
      continue;
    }
    first = &document;
    config_section().read(reader, document, config);
  }
}

void add_embedded_services(Reader& reader, model::Config& config) {
  for (const auto& [name, kind] : model::kEmbeddedServices) {
    if (reader.has(Named::service, name)) continue;
    model::Service& service = config.services.emplace_back();
    service.name = name;
    service.origin = model::Embedded{.kind = kind, .listen = std::nullopt, .model = {}};
    reader.declare(Named::service, name, {});
  }
}

// Two parts of the program cannot listen on one address.
void check_console(Reader& reader, const std::vector<Node>& documents,
                   const model::Config& config) {
  const Address& console = config.console.address;
  if (console.is_ip() && console.port() == 0) return;
  for (const model::Listener& listener : config.gateway.listeners) {
    if (listener.address.text() != console.text()) continue;
    reader.problem(documents.empty() ? Mark{} : documents.front().mark,
                   cat("the console and a listener both have the address ", console.text()));
  }
}

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  std::error_code failure;
  if (std::filesystem::is_directory(path, failure)) {
    return Error{Errc::invalid_argument, cat(path, ": is a folder")};
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{Errc::not_found, cat(path, ": ", std::strerror(errno))};
  std::string text(bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return Error{Errc::unavailable, cat(path, ": cannot be read")};
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

std::string folder_of(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

std::set<std::pair<ObjectKind, std::string>> names_of(const model::Config& config) {
  std::set<std::pair<ObjectKind, std::string>> names;
  for (const auto& service : config.services) names.emplace(ObjectKind::service, service.name);
  for (const auto& route : config.routes) names.emplace(ObjectKind::route, route.name);
  for (const auto& plugin : config.plugins) names.emplace(ObjectKind::plugin, plugin.id);
  return names;
}

}  // namespace

Result<Loaded> load_config(const std::string& path, const Environment& environment,
                           const Overlay& overlay) {
  MYNAH_LET(const std::string text, read_file(path, DocumentLimits{}.bytes));
  MYNAH_LET(Loaded loaded,
            parse_config(text, path, folder_of(path), environment, Files::look, overlay));
  loaded.files.insert(loaded.files.begin(), path);
  return loaded;
}

Result<Loaded> parse_config(std::string_view text, std::string_view name, const std::string& folder,
                            const Environment& environment, Files files, const Overlay& overlay) {
  Problems problems{std::string(name)};
  Reader reader(problems, folder, files);
  const std::vector<Node> documents = parse_documents(text, environment, problems);

  auto config = std::make_unique<model::Config>();
  config->data = reader.place(config->data);
  read_main_document(documents, reader, *config);
  auto in_file = names_of(*config);
  read_overlay(overlay, ObjectKind::service, problems, reader, *config);
  add_embedded_services(reader, *config);
  for (const Node& document : documents) {
    if (!is_kubernetes_object(document)) continue;
    read_wasm_plugin(reader, document, *config);
    in_file.emplace(ObjectKind::plugin, config->plugins.empty() ? "" : config->plugins.back().id);
  }
  read_overlay(overlay, ObjectKind::route, problems, reader, *config);
  read_overlay(overlay, ObjectKind::plugin, problems, reader, *config);
  check_console(reader, documents, *config);
  reader.check_references();

  if (!problems.none()) return Error{Errc::invalid_argument, problems.text()};
  return Loaded{
      std::move(config), {reader.files().begin(), reader.files().end()}, std::move(in_file)};
}

Result<std::string> data_folder_of(const std::string& path, const Environment& environment) {
  MYNAH_LET(const std::string text, read_file(path, DocumentLimits{}.bytes));
  Problems problems{path};
  const Reader reader(problems, folder_of(path), Files::do_not_look);
  for (const Node& document : parse_documents(text, environment, problems)) {
    const Entry* entry = is_kubernetes_object(document) ? nullptr : document.find("data");
    if (entry != nullptr && !entry->value.text.empty()) return reader.place(entry->value.text);
  }
  return reader.place(model::Config{}.data);
}

}  // namespace mynah::control
