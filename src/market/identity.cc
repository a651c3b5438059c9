// SPDX-License-Identifier: Apache-2.0
// Reading and judging what is said about a plug-in.
#include "market/identity.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/text.h"
#include "market/version.h"

namespace mynah::market {
namespace {

constexpr std::array<std::string_view, 4> kStages = {"authn", "authz", "stats", "default"};

Status read_text(JsonView object, std::string_view name, std::string& into) {
  const JsonView value = object[name];
  if (!value) return ok();
  if (!value.is_string()) {
    return Error{Errc::invalid_argument, cat("\"", name, "\" is not text")};
  }
  into = value.text();
  return ok();
}

Result<std::optional<std::int32_t>> read_priority(JsonView object) {
  const JsonView value = object["priority"];
  if (!value) return std::optional<std::int32_t>();
  const auto number = value.integer();
  if (!number || *number < -Identity::kPriorityMost || *number > Identity::kPriorityMost) {
    return Error{Errc::invalid_argument, "\"priority\" is not a whole number within the limits"};
  }
  return std::optional(static_cast<std::int32_t>(*number));
}

bool is_id(std::string_view id) {
  const auto small = [](char c) { return c >= 'a' && c <= 'z'; };
  return id.size() >= 2 && id.size() <= Identity::kIdBytesMax && small(id.front()) &&
         id.back() != '-' &&
         std::ranges::all_of(id, [&](char c) { return small(c) || is_digit(c) || c == '-'; });
}

bool is_plain(std::string_view text) {
  return is_utf8(text) && std::ranges::none_of(text, [](char c) {
           return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
         });
}

std::optional<Refusal> check_text(std::string_view field, std::string_view text,
                                  std::size_t bytes_max) {
  if (text.size() <= bytes_max && is_plain(text)) return std::nullopt;
  return Refusal{RefusalCode::bad_name,
                 cat("\"", field, "\" is longer than ", bytes_max,
                     " bytes, or holds control characters or what is not UTF-8")};
}

std::optional<Refusal> check_texts(const Identity& identity) {
  if (auto refusal = check_text("name", identity.name, Identity::kNameBytesMax)) return refusal;
  if (auto refusal = check_text("language", identity.language, Identity::kNameBytesMax)) {
    return refusal;
  }
  if (auto refusal = check_text("description", identity.description, Identity::kTextBytesMax)) {
    return refusal;
  }
  return check_text("version_description", identity.version_description, Identity::kTextBytesMax);
}

std::optional<Refusal> check_gateway(std::string_view wanted, std::string_view here) {
  if (wanted.empty() || wanted == "any") return std::nullopt;
  const auto least = Version::parse(wanted);
  if (!least) {
    return Refusal{RefusalCode::bad_version, cat("min_gateway_version: ", least.error().what)};
  }
  const auto own = Version::parse(here);
  if (own && *own >= *least) return std::nullopt;
  return Refusal{RefusalCode::not_for_this_gateway,
                 cat("it needs a gateway of version ", wanted, " or later; this is ", here)};
}

}  // namespace

Result<Identity> read_identity(std::string_view json) {
  MYNAH_LET(const Json document, Json::parse(std::string(json)));
  const JsonView root = document.root();
  if (!root.is_object()) return Error{Errc::invalid_argument, "it is not a JSON object"};
  Identity identity;
  const std::array<std::pair<std::string_view, std::string*>, 9> texts{
      {{"id", &identity.id},
       {"name", &identity.name},
       {"description", &identity.description},
       {"version", &identity.version},
       {"version_description", &identity.version_description},
       {"language", &identity.language},
       {"stage", &identity.stage},
       {"on_failure", &identity.on_failure},
       {"min_gateway_version", &identity.min_gateway_version}}};
  for (const auto& [name, into] : texts) MYNAH_OK(read_text(root, name, *into));
  MYNAH_LET(identity.priority, read_priority(root));
  const JsonView schema = root["schema"];
  if (schema && !schema.is_object()) {
    return Error{Errc::invalid_argument, "\"schema\" is not an object"};
  }
  identity.schema = schema.raw();
  const JsonView example = root["example"] ? root["example"] : schema["examples"].at(0);
  if (example) identity.example = example.raw();
  return identity;
}

std::optional<Refusal> check_identity(const Identity& identity, std::string_view gateway_version) {
  if (!identity.id.empty() && !is_id(identity.id)) {
    return Refusal{RefusalCode::bad_id,
                   cat("\"", utf8_prefix(identity.id, 80), "\" cannot be a plug-in's id")};
  }
  if (!identity.version.empty()) {
    const auto version = Version::parse(identity.version);
    if (!version) return Refusal{RefusalCode::bad_version, version.error().what};
  }
  if (!identity.stage.empty() && std::ranges::find(kStages, identity.stage) == kStages.end()) {
    return Refusal{RefusalCode::bad_stage,
                   cat("\"", utf8_prefix(identity.stage, 80), "\" is no stage")};
  }
  if (!identity.on_failure.empty() && identity.on_failure != "open" &&
      identity.on_failure != "closed") {
    return Refusal{RefusalCode::bad_identity, "\"on_failure\" is neither open nor closed"};
  }
  if (auto refusal = check_texts(identity)) return refusal;
  return check_gateway(identity.min_gateway_version, gateway_version);
}

std::optional<Refusal> check_complete(const Identity& identity) {
  if (identity.id.empty()) return Refusal{RefusalCode::missing_field, "the plug-in has no id"};
  if (identity.version.empty()) {
    return Refusal{RefusalCode::missing_field, cat(identity.id, " has no version")};
  }
  return std::nullopt;
}

}  // namespace mynah::market
