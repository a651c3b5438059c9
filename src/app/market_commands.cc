// SPDX-License-Identifier: Apache-2.0
// From options to calls of the API, and from their answers to lines.
#include "app/market_commands.h"

#include <array>
#include <filesystem>
#include <utility>
#include <vector>

#include "aio/files.h"
#include "app/plugin_export.h"
#include "app/plugin_kit.h"
#include "app/say.h"
#include "base/encoding.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "wasm/module.h"

namespace mynah {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kConfigBytesMax = 1 << 20;

std::string path_of(std::string_view id, std::string_view more = {}) {
  return cat("/api/v1/plugins/", percent_encode(id), more);
}

std::string binding_path(const BindingOptions& options) {
  return path_of(options.id, cat("/bindings/", percent_encode(options.scope)));
}

// The gateway's code, sentence and remedy, and each misfit of a configuration.
Error refusal_of(const Remote::Reply& reply) {
  Error error = error_of(reply);
  const auto body = Json::parse(reply.body);
  if (!body) return error;
  const JsonView refused = (*body)["error"];
  const std::string_view code = refused["code"].text();
  if (code.empty()) return error;
  error.what = cat(code, ": ", refused["message"].text());
  const JsonView details = refused["details"];
  for (const JsonView misfit : details["misfits"].items())
    append(error.what, "\n  ", misfit["path"].text(), ": ", misfit["reason"].text());
  if (details["remedy"].is_string())
    append(error.what, "\n  what to do: ", details["remedy"].text());
  return error;
}

Result<Json> ask(const Remote& remote, const Remote::Request& request) {
  MYNAH_LET(auto reply, remote.ask(request));
  if (reply.status >= 400) return refusal_of(reply);
  return Json::parse(reply.body.empty() ? "null" : std::move(reply.body));
}

Result<Json> ask(const RemoteOptions& options, std::string_view method, std::string target,
                 std::string body = {}) {
  MYNAH_LET(const Remote remote, Remote::open(options));
  return ask(remote,
             {.method = std::string(method), .target = std::move(target), .body = std::move(body)});
}

// A boundary that the bytes do not hold.
std::string boundary_for(std::string_view bytes) {
  std::string boundary = cat("mynah-", wasm::sha256_hex(bytes).substr(0, 32));
  while (bytes.contains(boundary)) boundary += 'x';
  return boundary;
}

std::string escaped(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == '"' || c == '\\') text += '\\';
    if (c != '\r' && c != '\n') text += c;
  }
  return text;
}

std::string form_of(const PublishOptions& options, const std::string& file_name,
                    std::string_view bytes, std::string_view boundary) {
  const std::array<std::pair<std::string_view, const std::string*>, 9> fields{
      {{"id", &options.id},
       {"name", &options.name},
       {"description", &options.description},
       {"version", &options.version},
       {"version_description", &options.version_description},
       {"language", &options.language},
       {"stage", &options.stage},
       {"priority", &options.priority},
       {"min_gateway_version", &options.min_gateway_version}}};
  std::string form;
  for (const auto& [name, value] : fields) {
    if (value->empty()) continue;
    append(form, "--", boundary, "\r\ncontent-disposition: form-data; name=\"", name, "\"\r\n\r\n",
           *value, "\r\n");
  }
  append(form, "--", boundary, "\r\ncontent-disposition: form-data; name=\"wasm\"; filename=\"",
         escaped(file_name), "\"\r\ncontent-type: application/wasm\r\n\r\n", bytes, "\r\n--",
         boundary, "--\r\n");
  return form;
}

std::string places_of(JsonView plugin) {
  std::vector<std::string> places;
  for (const JsonView binding : plugin["bindings"].items()) {
    places.push_back(cat(binding["scope"].text(), binding["enabled"].flag() ? "" : " (off)"));
  }
  if (plugin["in_file"].flag()) places.emplace_back("the configuration file");
  return join(places, ", ");
}

std::string or_dash(std::string text) { return text.empty() ? "-" : std::move(text); }

}  // namespace

Status publish_plugin(const RemoteOptions& options, const PublishOptions& wanted, Format format) {
  std::string file = wanted.path;
  if (fs::is_directory(file)) {
    MYNAH_LET(const BuiltPlugin built, build_plugin(file, Hosts::with_redis));
    file = built.module.string();
  }
  MYNAH_LET(const std::string bytes, read_file(file, wasm::Module::kMaxBytes + 1));
  MYNAH_LET(const Remote remote, Remote::open(options));
  const std::string boundary = boundary_for(bytes);
  MYNAH_LET(
      const Json version,
      ask(remote, {.method = "POST",
                   .target = "/api/v1/plugins",
                   .body = form_of(wanted, fs::path(file).filename().string(), bytes, boundary),
                   .content_type = cat("multipart/form-data; boundary=", boundary)}));
  if (format == Format::json) {
    say(version.dump());
    return ok();
  }
  say(cat("published ", version.text("id"), " ", version.text("version"), " (",
          version.text("sha256").substr(0, 12), ")"));
  if (version["not_live"])
    say(cat("the version before it goes on running: ", version.text("not_live")));
  else if (version.flag("in_use"))
    say("it runs wherever the plug-in is enabled");
  return ok();
}

Status list_plugins(const RemoteOptions& options, Format format) {
  MYNAH_LET(const Remote remote, Remote::open(options));
  MYNAH_LET(const Json plugins, remote.list("/api/v1/plugins"));
  if (format == Format::json) {
    say(plugins.dump());
    return ok();
  }
  Table table({"ID", "VERSION", "STAGE", "PRIORITY", "FROM", "ENABLED AT"});
  for (const JsonView plugin : plugins.root().items()) {
    table.add({std::string(plugin["id"].text()), or_dash(plugin.text("version")),
               or_dash(plugin.text("stage")), or_dash(plugin.text("priority")),
               or_dash(plugin.text("origin")), or_dash(places_of(plugin))});
  }
  say(table.text());
  return ok();
}

Status show_plugin(const RemoteOptions& options, const std::string& id, Format format) {
  MYNAH_LET(const Json plugin, ask(options, "GET", path_of(id)));
  if (format == Format::json) {
    say(plugin.dump());
    return ok();
  }
  std::string text = cat(
      plugin.text("id"), "  ", plugin.text("name"), "\n", plugin.text("description"),
      "\n  stage     ", plugin.text("stage"), ", priority ", plugin.text("priority"),
      "\n  from      ", plugin.text("origin"), "\n  enabled   ", or_dash(places_of(plugin.root())));
  if (plugin["runs"].is_string()) {
    append(text, "\n  runs      ", plugin.text("runs"),
           plugin.flag("follows") ? ", follows the newest" : ", stays");
  }
  for (const JsonView version : plugin["versions"].items()) {
    append(text, "\n  version   ", version["version"].text(), "  ", version["published_at"].text(),
           " by ", version["published_by"].text(), "  ", version["version_description"].text());
  }
  say(text);
  return ok();
}

Status enable_plugin(const RemoteOptions& options, const BindingOptions& wanted, Format format) {
  JsonWriter body;
  body.begin_object().member("enabled", true);
  if (!wanted.config.empty()) {
    std::string config = wanted.config;
    if (config.starts_with('@')) {
      MYNAH_LET(config, read_file(config.substr(1), kConfigBytesMax));
    }
    auto parsed = Json::parse(std::move(config));
    if (!parsed) return std::move(parsed).error().within("--config is no JSON");
    body.key("config").value(parsed->root());
  }
  if (!wanted.version.empty()) body.member("version", wanted.version);
  body.end_object();
  MYNAH_LET(const Json binding, ask(options, "PUT", binding_path(wanted), std::move(body).take()));
  if (format == Format::json) {
    say(binding.dump());
    return ok();
  }
  const std::string version = binding.text("version");
  say(cat(wanted.id, version.empty() ? "" : " ", version, " runs at ", wanted.scope,
          binding.flag("follows") ? " and follows new versions" : ""));
  return ok();
}

Status disable_plugin(const RemoteOptions& options, const BindingOptions& wanted) {
  MYNAH_OK(ask(options, "DELETE", binding_path(wanted)));
  say(cat(wanted.id, " does not run at ", wanted.scope, " any more"));
  return ok();
}

Status delete_plugin(const RemoteOptions& options, const std::string& id) {
  MYNAH_OK(ask(options, "DELETE", path_of(id)));
  say(cat("deleted ", id));
  return ok();
}

Status export_plugin(const RemoteOptions& options, const ExportOptions& wanted) {
  MYNAH_LET(const Remote remote, Remote::open(options));
  MYNAH_LET(const Json plugin, ask(remote, {.target = path_of(wanted.id)}));
  std::string version = wanted.version;
  if (version.empty()) version = plugin.text("runs");
  if (version.empty()) version = plugin.text("version");
  const std::string at = path_of(wanted.id, cat("/versions/", percent_encode(version)));
  const bool published = plugin.text("origin") == "published";
  if (!published && !wanted.wasm.empty())
    return Error{Errc::unsupported, cat(wanted.id, " comes with the gateway: it is no upload")};
  MYNAH_LET(const Json said, published ? ask(remote, {.target = at}) : Result(plugin.clone()));
  if (!wanted.wasm.empty()) {
    MYNAH_LET(const auto module, remote.ask({.target = cat(at, "/wasm")}));
    if (module.status >= 400) return refusal_of(module);
    MYNAH_OK(write_file_atomically(wanted.wasm, module.body));
  }
  const std::string url =
      wanted.url.empty() ? cat("file:///", wanted.id, "-", version, ".wasm") : wanted.url;
  say(wanted.as == ExportAs::envoy ? envoy_filter(plugin.root(), said.root(), url)
                                   : wasm_plugin_document(plugin.root(), said.root(), url));
  return ok();
}

}  // namespace mynah
