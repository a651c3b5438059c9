// SPDX-License-Identifier: Apache-2.0
// What is served without a file. A provider is reached by a plain route here: its OpenAI-compatible
// endpoint, with the key of the environment in the authorization header.
#include <array>
#include <string>
#include <string_view>

#include "base/text.h"
#include "control/config/load.h"
#include "control/config/problems.h"

namespace mynah::control {

namespace {

struct Provider {
  const char* name;
  const char* key_variable;
  const char* host;
  const char* prefix;  // What stands there in the place of /v1/.
};

constexpr std::array<Provider, 6> kProviders = {{
    {"qwen", "DASHSCOPE_API_KEY", "dashscope.aliyuncs.com", "/compatible-mode/v1/"},
    {"openai", "OPENAI_API_KEY", "api.openai.com", "/v1/"},
    {"deepseek", "DEEPSEEK_API_KEY", "api.deepseek.com", "/v1/"},
    {"moonshot", "MOONSHOT_API_KEY", "api.moonshot.cn", "/v1/"},
    {"mistral", "MISTRAL_API_KEY", "api.mistral.ai", "/v1/"},
    {"groq", "GROQ_API_KEY", "api.groq.com", "/openai/v1/"},
}};

std::string_view value_of(const Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string_view() : std::string_view(found->second);
}

// The provider to use; nullptr means the embedded demo-llm.
Result<const Provider*> choose(const Environment& environment) {
  const std::string_view wanted = value_of(environment, "DEFAULT_AI_SERVICE");
  std::vector<std::string_view> names = {"demo"};
  for (const Provider& provider : kProviders) {
    names.push_back(provider.name);
    if (!wanted.empty() && wanted != provider.name) continue;
    if (!value_of(environment, provider.key_variable).empty()) return &provider;
    if (wanted.empty()) continue;
    return Error{Errc::invalid_argument, cat("DEFAULT_AI_SERVICE is ", wanted, ", but ",
                                             provider.key_variable, " is not set")};
  }
  if (wanted.empty() || wanted == "demo") return nullptr;
  return Error{Errc::invalid_argument, cat("DEFAULT_AI_SERVICE: there is no provider named ",
                                           in_quotes(wanted), suggestion(wanted, names))};
}

constexpr std::string_view kDemo = R"(
routes:
  - name: v1
    match: {path: {prefix: /v1/}}
    service: demo
plugins:
  - id: ai-cache
)";

// The key is taken from the environment by the file's own means, so it needs no quoting here.
std::string text_for(const Provider& provider) {
  return cat("services:\n  - {name: ", provider.name, ", host: ", provider.host, ", tls: {}}\n",
             "routes:\n"
             "  - name: v1\n"
             "    match: {path: {prefix: /v1/}}\n"
             "    service: ",
             provider.name,
             "\n"
             "    rewrite: {prefix: ",
             provider.prefix,
             "}\n"
             "    request_headers: {set: {authorization: \"Bearer ${",
             provider.key_variable,
             "}\"}}\n"
             "plugins:\n"
             "  - id: ai-cache\n");
}

}  // namespace

Result<Loaded> default_config(const Environment& environment, const Overlay& overlay) {
  MYNAH_LET(const Provider* const provider, choose(environment));
  const std::string text = provider == nullptr ? std::string(kDemo) : text_for(*provider);
  return parse_config(text, "built-in configuration", "", environment, Files::look, overlay);
}

}  // namespace mynah::control
