// SPDX-License-Identifier: Apache-2.0
// Changes, one after another.
// tidy: allow-file shared_ptr: a job is held by who works on it and by who waits for it
#include "market/market.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json_writer.h"
#include "base/text.h"
#include "market/answers.h"
#include "market/schema.h"

namespace mynah::market {

using control::api_error;
using control::ObjectChange;
using control::ObjectKind;

struct Market::Job {
  Job(Loop& loop, std::function<Task<Answer>()> what) : change(std::move(what)), done(loop) {}

  std::function<Task<Answer>()> change;
  std::optional<Answer> answer;
  Event done;
};

Market::Market(Parts parts)
    : parts_(std::move(parts)), arrived_(parts_.loop), working_(parts_.loop) {
  working_.spawn(&Market::work, std::ref(*this));
}

Task<> Market::work(Market& self) {
  while (true) {
    while (self.waiting_.empty()) co_await self.arrived_.wait();
    const std::shared_ptr<Job> job = std::move(self.waiting_.front());
    self.waiting_.pop_front();
    job->answer = co_await job->change();
    job->done.set();
  }
}

// Who goes away while it waits leaves the job to whoever works on it.
Task<Market::Answer> Market::await_job(std::shared_ptr<Job> job) {
  if (!job->answer) co_await job->done.wait();
  co_return *std::move(job->answer);
}

Task<Market::Answer> Market::in_turn(std::function<Task<Answer>()> change) {
  if (waiting_.size() >= kWaitingMax) {
    co_return api_error(Error{Errc::exhausted, "too many changes of plug-ins wait"});
  }
  auto job = std::make_shared<Job>(parts_.loop, std::move(change));
  waiting_.push_back(job);
  arrived_.set();
  co_return co_await await_job(std::move(job));
}

Offer Market::find(std::string_view id, bool manages) const {
  Offer offer;
  const auto builtin = std::ranges::find_if(
      parts_.builtins, [&](const Builtin& each) { return each.identity.id == id; });
  if (builtin != parts_.builtins.end()) {
    offer.builtin = &*builtin;
    return offer;
  }
  const auto plugins = parts_.catalogue.all();
  const auto plugin = plugins->find(id);
  if (manages && plugin != plugins->end()) offer.published = plugin->second;
  return offer;
}

Result<std::optional<PluginUse>> Market::find_use(std::string_view id) const {
  MYNAH_LET(const control::Overlay kept, parts_.kept.all());
  const auto* object = control::find_object(kept, ObjectKind::plugin, id);
  if (object == nullptr) return std::optional<PluginUse>();
  MYNAH_LET(PluginUse use, PluginUse::parse(object->json));
  return std::optional(std::move(use));
}

bool Market::is_in_file(std::string_view id) const {
  return std::ranges::any_of(parts_.in_file(),
                             [&](const FilePlugin& each) { return each.id == id; });
}

void Market::tell(std::string_view what, std::string_view id) const {
  JsonWriter json;
  json.begin_object().member("change", what).member("id", id).end_object();
  parts_.events.tell("plugin", json.text(), control::Access::manager);
}

namespace {

// What a binding is asked to be.
struct Wish {
  std::optional<std::string> config;
  std::optional<bool> enabled;
  std::string version;  // "newest", a number, or empty: as it is.
};

Result<Wish> read_wish(const std::string& body) {
  MYNAH_LET(const Json document, Json::parse(body.empty() ? "{}" : body));
  Wish wish;
  for (const auto& [name, value] : document.root().members()) {
    if (name == "config" && value.is_object()) {
      wish.config = value.raw();
    } else if (name == "enabled" && value.is_boolean()) {
      wish.enabled = value.flag();
    } else if (name == "version" && value.is_string()) {
      wish.version = value.text();
    } else {
      return Error{Errc::invalid_argument,
                   cat("\"", utf8_prefix(name, 80),
                       "\": a binding has \"config\", an object, \"enabled\", true or false, and "
                       "\"version\", text")};
    }
  }
  return wish;
}

// Every configuration in use, against the schema of the version that is to take it.
std::optional<control::ApiResponse> check_configs(const PluginUse& use, const Identity& identity) {
  if (identity.schema.empty()) return std::nullopt;
  const auto schema = Json::parse(identity.schema);
  if (!schema) return std::nullopt;  // The plug-in itself has the last word.
  for (const Binding& binding : use.bindings) {
    const auto config = Json::parse(binding.config);
    if (!config) return api_error(config.error());
    const auto misfits = check_config(config->root(), schema->root());
    if (!misfits.empty()) return config_refused(use.id, binding.scope.text(), misfits);
  }
  return std::nullopt;
}

}  // namespace

Task<Status> Market::keep_use(const PluginUse& use, control::Author author) {
  ObjectChange change{.kind = ObjectKind::plugin, .name = use.id, .json = std::nullopt};
  if (!use.bindings.empty()) change.json = use.json();
  // Not in one expression: the change outlives this coroutine's frame if it must.
  std::vector<ObjectChange> changes;
  changes.push_back(std::move(change));
  co_return co_await parts_.change(std::move(changes), std::move(author));
}

Task<Market::Answer> Market::bind(Market& self, std::string id, BindingScope scope,
                                  std::string body, control::Author author) {
  const Offer offer = self.find(id, true);
  if (!offer) co_return no_plugin(id);
  if (self.is_in_file(id)) co_return in_file(id);
  const auto wish = read_wish(body);
  if (!wish) co_return api_error(wish.error());
  const auto found = self.find_use(id);
  if (!found) co_return api_error(found.error());
  PluginUse use = found->value_or(PluginUse{id, "", {}});

  bool follows = offer.published && offer.published->follows;
  if (wish->version == "newest" || (wish->version.empty() && use.bindings.empty())) {
    follows = true;
    if (offer.published) use.version = offer.identity("")->version;
  } else if (!wish->version.empty()) {
    follows = false;
    if (offer.identity(wish->version) == nullptr) co_return no_version(id, wish->version);
    if (offer.published) use.version = wish->version;
  }
  const Binding* const before = use.find(scope);
  Binding binding = before == nullptr ? Binding{scope, true, "{}"} : *before;
  if (wish->config) binding.config = *wish->config;
  binding.enabled = wish->enabled.value_or(true);
  use.set(binding);
  if (auto refused = check_configs(use, *offer.identity(use.version))) {
    co_return *std::move(refused);
  }
  const Status changed = co_await self.keep_use(use, std::move(author));
  if (!changed) co_return change_refused(changed.error());
  if (offer.published) {
    const Status kept = self.parts_.catalogue.set_follows(id, follows);
    if (!kept) co_return api_error(kept.error());
  }
  self.tell("enabled", id);
  co_return control::json_response(200, json_of(*use.find(scope), use, follows));
}

Task<Market::Answer> Market::unbind(Market& self, std::string id, BindingScope scope,
                                    control::Author author) {
  if (self.is_in_file(id)) co_return in_file(id);
  const auto found = self.find_use(id);
  if (!found) co_return api_error(found.error());
  PluginUse use = found->value_or(PluginUse{id, "", {}});
  if (!use.remove(scope)) {
    co_return api_error(404, "not-found", cat(id, " is not enabled at ", scope.text()));
  }
  const Status changed = co_await self.keep_use(use, std::move(author));
  if (!changed) co_return change_refused(changed.error());
  self.tell("disabled", id);
  co_return control::no_content();
}

Task<Market::Answer> Market::remove(Market& self, std::string id, control::Principal who,
                                    control::Author author) {
  const Offer offer = self.find(id, true);
  if (!offer) co_return no_plugin(id);
  if (offer.builtin != nullptr) {
    co_return refusal_answer({RefusalCode::built_in, cat(id, " comes with the gateway")});
  }
  if (who.role != control::Role::owner && offer.published->owner != who.person()) {
    co_return refusal_answer(
        {RefusalCode::id_taken, cat("the plug-in ", id, " belongs to ", offer.published->owner)});
  }
  const auto use = self.find_use(id);
  if (!use) co_return api_error(use.error());
  std::vector<std::string> where;
  if (*use) {
    for (const Binding& binding : (*use)->bindings) where.push_back(binding.scope.text());
  }
  if (self.is_in_file(id)) where.emplace_back("the configuration file");
  if (!where.empty()) co_return in_use(id, where);
  const std::string before = json_of(offer, nullptr, false, false);
  const Status removed = self.parts_.catalogue.remove(id);
  if (!removed) co_return api_error(removed.error());
  const Status recorded =
      self.parts_.audit.record(author, "delete", cat("plugins/", id), before, "");
  if (!recorded) co_return api_error(recorded.error());
  self.tell("deleted", id);
  co_return control::no_content();
}

Task<Status> Market::follow(std::string id, control::Author author) {
  const Offer offer = find(id, true);
  MYNAH_CO_LET(auto use, find_use(id));
  if (!offer.published || !offer.published->follows || !use) co_return ok();
  const Identity& newest = *offer.identity("");
  if (use->version == newest.version) co_return ok();
  use->version = newest.version;
  if (check_configs(*use, newest)) {
    co_return Error{Errc::invalid_argument,
                    "a configuration in use does not fit the schema of this version"};
  }
  co_return co_await keep_use(*use, std::move(author));
}

Task<Market::Answer> Market::change_binding(const Context& call) {
  auto scope = BindingScope::parse(call.parameter("scope"));
  if (!scope) co_return api_error(scope.error());
  co_return co_await in_turn(
      [this, id = call.parameter("id"), at = *std::move(scope), body = call.request.body,
       author = call.author()] { return bind(*this, id, at, body, author); });
}

Task<Market::Answer> Market::remove_binding(const Context& call) {
  auto scope = BindingScope::parse(call.parameter("scope"));
  if (!scope) co_return api_error(scope.error());
  co_return co_await in_turn([this, id = call.parameter("id"), at = *std::move(scope),
                              author = call.author()] { return unbind(*this, id, at, author); });
}

Task<Market::Answer> Market::remove_plugin(const Context& call) {
  co_return co_await in_turn([this, id = call.parameter("id"), who = *call.principal,
                              author = call.author()] { return remove(*this, id, who, author); });
}

}  // namespace mynah::market
