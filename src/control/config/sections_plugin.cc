// SPDX-License-Identifier: Apache-2.0
// Plug-ins in a file.
#include <limits>

#include "control/config/kinds.h"
#include "control/config/sections.h"
#include "control/config/values.h"

namespace mynah::control {

namespace {

using model::kGiB;
using model::kMiB;
using model::Plugin;
using model::PluginRule;
using model::Stage;
using namespace std::chrono_literals;

Status check_module_url(std::string& text) {
  const bool known =
      text.starts_with("oci://") || text.starts_with("http://") || text.starts_with("https://");
  const bool clean = text.find_first_of(" \t\r\n") == std::string::npos;
  if (known && clean && text.size() > text.find("://") + 3) return ok();
  return Error{
      Errc::invalid_argument,
      cat("expected a URL that starts with oci://, http:// or https://, got ", in_quotes(text))};
}

const Section<model::PluginLimits>& plugin_limits_section() {
  static const auto section = [] {
    using L = model::PluginLimits;
    Section<L> s("plugin_limits", "What one machine of the plug-in may use.");
    s.field("memory_bytes", &L::memory_bytes, size(kMiB, 4 * kGiB), "Its memory.");
    s.field("call_time", &L::call_time, duration(1ms, 1min), "How long one call into it may run.");
    s.field("paused_max", &L::paused_max, duration(1ms, 24h),
            "How long it may hold an exchange while it waits for something.");
    s.field("log_lines_per_second", &L::log_lines_per_second, whole<std::uint32_t>(0, 1'000'000),
            "Lines that it may log; more are counted and dropped.");
    return s;
  }();
  return section;
}

const Section<PluginRule>& rule_section() {
  static const auto section = [] {
    using R = PluginRule;
    Section<R> s("plugin_rule",
                 "Another configuration, or none, for some exchanges. A rule fits when each of its "
                 "lists has an entry that fits; the first rule that fits decides.");
    s.field("hosts", &R::hosts, list_of(text("host pattern", check_host_pattern)),
            "Hosts, as in a route's match.");
    s.field("routes", &R::routes, list_of(name_of_a(Named::route)), "Names of routes.");
    s.field("services", &R::services, list_of(name_of_a(Named::service)), "Names of services.");
    s.field("enabled", &R::enabled, flag(), "Whether the plug-in runs there.");
    s.field("config", &R::config, maybe(settings()),
            "What stands in the place of the plug-in's own configuration.");
    s.check([](Reader& reader, const Node& node, R& rule) {
      if (!rule.hosts.empty() || !rule.routes.empty() || !rule.services.empty()) return;
      reader.problem(node.mark, "a rule needs \"hosts\", \"routes\" or \"services\"");
    });
    return s;
  }();
  return section;
}

void add_source(Section<Plugin>& s) {
  s.field("id", &Plugin::id, name_for(Named::plugin),
          "Its id: of a built-in or published plug-in, or a name for a file of one's own.",
          Presence::required);
  s.field("wasm", &Plugin::wasm, file(), "The file of the module.");
  s.field("url", &Plugin::url, text("URL", check_module_url),
          "Or: where to fetch it, `oci://`, `http://` or `https://`.");
  s.field("version", &Plugin::version, text("version", check_not_empty),
          "Or: the version of a published plug-in. Without it: the newest.");
  s.choice(Presence::optional, {"wasm", "url", "version"});
  s.field("sha256", &Plugin::sha256, text("64 hexadecimal digits", check_sha256),
          "The checksum that the module must have.");
  s.field("root_id", &Plugin::root_id, text("text", check_not_empty),
          "Which of the module's root contexts to start, when it has several.");
}

}  // namespace

const Section<Plugin>& plugin_section() {
  static const auto section = [] {
    using F = model::OnFailure;
    Section<Plugin> s("plugin", "A plug-in, and where it runs.");
    add_source(s);
    s.field("stage", &Plugin::stage,
            maybe(one_of<Stage>({{"authn", Stage::authn},
                                 {"authz", Stage::authz},
                                 {"stats", Stage::stats},
                                 {"default", Stage::normal}})),
            "When it runs. Without it: what the module says of itself, else `default`.");
    s.field("priority", &Plugin::priority, maybe(whole<std::int32_t>(-1'000'000, 1'000'000)),
            "Within its stage the larger runs first. Without it: what the module says of itself, "
            "else 100.");
    s.field("on_failure", &Plugin::on_failure,
            maybe(one_of<F>({{"open", F::open}, {"closed", F::closed}})),
            "When it fails, the request passes (`open`) or is refused (`closed`). Without it: what "
            "the module says of itself, else `closed` in the stages authn and authz, `open` in the "
            "others.");
    s.field("enabled", &Plugin::enabled, flag(), "Whether it runs at all.");
    s.field("rules_only", &Plugin::rules_only, flag(), "Whether it runs only where a rule fits.");
    s.field("config", &Plugin::config, settings(), "Its configuration, which it checks itself.");
    s.field("limits", &Plugin::limits, part(plugin_limits_section()), "What it may use.");
    s.field("environment", &Plugin::environment,
            pairs("map of variables", check_not_empty, [](std::string&) { return ok(); }),
            "Environment variables that it sees. One that is written in Go also gets GOGC and "
            "GOMEMLIMIT, unless either is here: its collector would run all the time otherwise.");
    s.field("rules", &Plugin::rules, list_of(part(rule_section())), "Exceptions.");
    return s;
  }();
  return section;
}

}  // namespace mynah::control
