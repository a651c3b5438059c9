// SPDX-License-Identifier: Apache-2.0
// From a form to a published version.
// tidy: allow-file shared_ptr: the bytes are looked at on a thread of the pool
#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/json_writer.h"
#include "base/text.h"
#include "market/answers.h"
#include "market/market.h"
#include "market/multipart.h"

namespace mynah::market {
namespace {

using control::api_error;

// What the form says of the plug-in; it wins over what the plug-in says of itself.
struct Fields {
  const FormPart* file = nullptr;
  Identity given;
  std::optional<Refusal> refusal;
};

Refusal bad_priority(std::string_view text) {
  return {RefusalCode::bad_priority, cat("\"", utf8_prefix(text, 80), "\" is no priority")};
}

Result<Fields> read_fields(const std::vector<FormPart>& parts) {
  Fields fields;
  Identity& given = fields.given;
  std::string priority;
  const std::array<std::pair<std::string_view, std::string*>, 9> texts{
      {{"id", &given.id},
       {"name", &given.name},
       {"description", &given.description},
       {"version", &given.version},
       {"version_description", &given.version_description},
       {"language", &given.language},
       {"stage", &given.stage},
       {"priority", &priority},
       {"min_gateway_version", &given.min_gateway_version}}};
  std::set<std::string, std::less<>> seen;
  for (const FormPart& part : parts) {
    if (!seen.insert(part.name).second)
      return Error{Errc::invalid_argument,
                   cat("the field \"", utf8_prefix(part.name, 80), "\" stands twice")};
    if (part.name == "wasm") {
      fields.file = &part;
      continue;
    }
    const auto known =
        std::ranges::find_if(texts, [&](const auto& text) { return text.first == part.name; });
    if (known == texts.end())
      return Error{Errc::invalid_argument,
                   cat("there is no field \"", utf8_prefix(part.name, 80), "\"")};
    if (part.content.size() > Identity::kTextBytesMax)
      return Error{Errc::too_large, cat("the field \"", part.name, "\" is too long")};
    *known->second = trim(part.content);
  }
  if (!priority.empty()) {
    const auto number = parse_number<std::int32_t>(priority);
    const bool fits =
        number && *number >= -Identity::kPriorityMost && *number <= Identity::kPriorityMost;
    if (fits) {
      given.priority = *number;
    } else {
      fields.refusal = bad_priority(priority);
    }
  }
  return fields;
}

Identity merged(Identity own, Identity given) {
  const auto prefer = [](std::string& mine, std::string& wanted) {
    if (!wanted.empty()) mine = std::move(wanted);
  };
  prefer(own.id, given.id);
  prefer(own.name, given.name);
  prefer(own.description, given.description);
  prefer(own.version, given.version);
  prefer(own.version_description, given.version_description);
  prefer(own.language, given.language);
  prefer(own.stage, given.stage);
  prefer(own.min_gateway_version, given.min_gateway_version);
  if (given.priority) own.priority = given.priority;
  if (own.stage.empty()) own.stage = "default";
  if (own.name.empty()) own.name = own.id;
  return own;
}

}  // namespace

Task<Market::Answer> Market::publish(const Context& call) {
  const auto boundary = form_boundary(call.request.headers.value_or("content-type", ""));
  if (!boundary) co_return api_error(400, "bad-form", boundary.error().what);
  const auto parts = read_form(call.request.body, *boundary);
  if (!parts) co_return api_error(400, "bad-form", parts.error().what);
  auto fields = read_fields(*parts);
  if (!fields) co_return api_error(400, "bad-form", fields.error().what);
  if (fields->refusal) co_return refusal_answer(*fields->refusal);
  if (fields->file == nullptr) {
    co_return refusal_answer({RefusalCode::missing_field, "the form has no file \"wasm\""});
  }
  if (const auto refusal = check_file_name(fields->file->file_name)) {
    co_return refusal_answer(*refusal);
  }
  auto bytes = std::make_shared<const std::string>(fields->file->content);
  tell("checking", fields->given.id);
  auto inspection = co_await parts_.pool.run(
      parts_.loop, [inspector = &parts_.inspector, bytes] { return inspector->inspect(*bytes); });
  if (!inspection) co_return api_error(inspection.error());
  if (inspection->refusal) co_return refusal_answer(*inspection->refusal);
  Identity own = inspection->identity.value_or(Identity());
  if (own.language.empty()) own.language = inspection->file.language;
  Identity identity = merged(std::move(own), std::move(fields->given));
  if (const auto refusal = check_identity(identity, parts_.gateway_version)) {
    co_return refusal_answer(*refusal);
  }
  if (const auto refusal = check_complete(identity)) co_return refusal_answer(*refusal);
  if (find(identity.id, false)) {
    co_return refusal_answer(
        {RefusalCode::built_in, cat("a built-in plug-in has the id ", identity.id)});
  }
  const Status kept = co_await parts_.pool.run(
      parts_.loop, [catalogue = &parts_.catalogue, sha256 = inspection->file.sha256, bytes] {
        return catalogue->keep_bytes(sha256, *bytes);
      });
  if (!kept) co_return api_error(kept.error());
  co_return co_await in_turn(
      [this, identity, bytes, who = *call.principal, author = call.author()] {
        return keep(*this, identity, bytes, who, author);
      });
}

Task<Market::Answer> Market::keep(Market& self, Identity identity,
                                  std::shared_ptr<const std::string> bytes, control::Principal who,
                                  control::Author author) {
  const std::string sha256 = wasm::sha256_hex(*bytes);
  const bool for_all = who.role == control::Role::owner;
  if (const auto conflict =
          self.parts_.catalogue.find_conflict(identity, sha256, who.person(), for_all)) {
    co_return refusal_answer(*conflict);
  }
  const auto fresh = self.parts_.catalogue.publish(identity, sha256, *bytes, who.person(), for_all);
  if (!fresh) co_return api_error(fresh.error());
  Status live = ok();
  if (*fresh && self.is_in_file(identity.id)) {
    live = co_await self.parts_.reload();
    // A file that follows the newest version must find one that runs, at the next start too.
    if (!live) {
      const Status withdrawn = self.parts_.catalogue.withdraw(identity.id, identity.version);
      co_return withdrawn ? change_refused({Errc::invalid_argument, live.error().what})
                          : api_error(withdrawn.error());
    }
  } else {
    live = co_await self.follow(identity.id, author);
  }
  const auto version = self.parts_.catalogue.find(identity.id, identity.version);
  if (!version) co_return no_version(identity.id, identity.version);
  const auto use = self.find_use(identity.id);
  const PluginUse* const used = use && *use ? &**use : nullptr;
  const Json told = *Json::parse(json_of(*version, used));
  JsonWriter json;
  json.begin_object();
  for (const auto& [name, value] : told.root().members()) json.member(name, value);
  if (!live) json.member("not_live", live.error().what);
  json.end_object();
  if (*fresh) {
    const Status recorded = self.parts_.audit.record(
        author, "publish", cat("plugins/", identity.id, "/versions/", identity.version), "",
        told.dump());
    if (!recorded) co_return api_error(recorded.error());
    self.tell("published", identity.id);
  }
  co_return control::json_response(*fresh ? 201 : 200, std::move(json).take());
}

}  // namespace mynah::market
