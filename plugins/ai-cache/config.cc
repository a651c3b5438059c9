// SPDX-License-Identifier: Apache-2.0
// The fields, and what no single one of them can say.
#include "config.h"

#include <algorithm>

#include "base/text.h"
#include <mynah/random.h>

using namespace mynah;

void Store::describe(Schema<Store>& schema) {
  schema.field("type", &Store::type, "the kind of store").one_of({"redis"});
  schema.merge(&Store::redis);
  schema.field("cacheTTL", &Store::life, "how long answers are kept, in seconds; 0 is for ever")
      .range(0, 315'360'000);
  schema
      .field("cacheTTLJitter", &Store::jitter_percent,
             "by how much at most one answer is kept shorter than another, in percent, so that not "
             "all end at once")
      .range(0, 50);
  schema
      .field("staleTTL", &Store::stale_life,
             "how long after its time an answer still serves others while one asks the model anew, "
             "and that one when the model fails; in seconds")
      .range(0, 315'360'000);
  schema.field("cacheKeyPrefix", &Store::prefix, "what the keys of the store begin with");
}

std::chrono::seconds Store::life_of_one(std::int32_t most) const {
  std::int64_t seconds = life.count();
  if (most >= 0) seconds = seconds == 0 ? most : std::min<std::int64_t>(seconds, most);
  const auto spread = static_cast<std::uint64_t>(seconds) * jitter_percent / 100;
  if (spread > 0) seconds -= static_cast<std::int64_t>(random_number() % (spread + 1));
  return std::chrono::seconds(seconds);
}

DashScope::DashScope() {
  api = Api::dashscope;
  model = "text-embedding-v1";
}

void DashScope::describe(Schema<DashScope>& schema) {
  schema.field<Secret>("dashScopeKey", &DashScope::key, "the key of DashScope").required();
  schema
      .field<std::string>("dashScopeServiceName", &DashScope::service,
                          "the service of DashScope, as the gateway names it")
      .required();
}

void DashVector::describe(Schema<DashVector>& schema) {
  schema
      .field<std::string>("dashVectorCollection", &DashVector::collection,
                          "the collection, of metric cosine")
      .range(1, 64)
      .required();
  schema
      .field<std::string>("dashVectorEnd", &DashVector::host,
                          "the host name of the DashVector cluster")
      .required();
  schema.field<Secret>("dashVectorKey", &DashVector::key, "the key of DashVector").required();
  schema
      .field<std::string>("dashVectorServiceName", &DashVector::service,
                          "the service of DashVector, as the gateway names it")
      .required();
}

void Dash::describe(Schema<Dash>& schema) {
  schema.merge(&Dash::scope);
  schema.merge(&Dash::vector);
  schema.field("sessionID", &Dash::session,
               "a word of one's own choice: caches of other words know nothing of this one's");
}

std::string Config::prefix() const {
  return dash && !dash->session.empty() ? cat(store.prefix, dash->session, ":") : store.prefix;
}

void Config::describe(Schema<Config>& schema) {
  schema
      .field("mode", &Config::mode,
             "whether the cache answers, or only looks up and reports, or rests")
      .choice("on", Mode::on)
      .choice("shadow", Mode::shadow)
      .choice("off", Mode::off);
  schema
      .field("cache", &Config::store,
             "where answers are kept; the embedded store when nothing is said")
      .alias("redis");
  schema.field("enableSemanticCache", &Config::semantic,
               "whether questions in other words are answered");
  schema.field("embedding", &Config::embedding,
               "what makes vectors of questions; the embedded models when nothing is said");
  schema.field("vector", &Config::vector,
               "where vectors are kept; the embedded index when nothing is said");
  schema.field("Dash", &Config::dash, "DashScope and DashVector, in place of embedding and vector");
  schema
      .field("lookupTimeout", &Config::patience,
             "how long a question waits for the cache in all, in milliseconds")
      .range(1, 60'000);
  schema.field("coalescing", &Config::coalescing,
               "equal questions at the same time, of which one reaches the model");
  schema.field("volatile", &Config::volatility,
               "answers that hang on the time, the place or the person");
  schema.merge(&Config::question);
  schema.merge(&Config::paths);
  schema.merge(&Config::templates);
}

Status Config::check() const {
  const Config unsaid;
  const bool said = embedding.service != unsaid.embedding.service ||
                    vector.service != unsaid.vector.service || !vector.collection.empty();
  if (dash && said)
    return Error{Errc::invalid_argument,
                 "Dash stands in the place of embedding and vector; say one"};
  return templates.check();
}
