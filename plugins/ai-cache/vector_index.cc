// SPDX-License-Identifier: Apache-2.0
// DashVector's calls. It answers 200 to what it refuses, too: the code in the body decides.
#include "vector_index.h"

#include <algorithm>
#include <utility>

#include "base/json_writer.h"
#include "base/text.h"
#include <mynah/hash.h>
#include <mynah/http.h>

using namespace mynah;

namespace {

constexpr double kCosineDistanceMax = 0.1;
constexpr std::size_t kNameBytesMax = 32;
constexpr int kNoCollection = -2021;
constexpr int kNoPartition = -2022;
constexpr JsonLimits kReplyLimits{.bytes_max = 4U << 20U, .depth_max = 16};

// The collection of a model, readable if its name fits.
std::string own_collection(const Vector& vector) {
  std::string name = cat("ai-cache-", vector.model, "-", vector.dimension);
  if (name.size() > kNameBytesMax) name = cat("ai-cache-", Sha256().add(name).hex().substr(0, 16));
  for (char& c : name) {
    if (!is_alpha(c) && !is_digit(c) && c != '-') c = '_';
  }
  return name;
}

// Few enough for the index, and enough that what belongs to rare scopes is found among little.
std::string own_partition(std::string_view scope) { return cat("scope-", scope.substr(0, 2)); }

void add_place(JsonWriter& json, bool own, std::string_view scope) {
  if (own) json.member("partition", own_partition(scope));
}

bool is_larger_nearer(VectorIndex::Metric metric) {
  return metric == VectorIndex::Metric::dotproduct;
}

// That of each document in the answer to a write, too.
Status check_documents(JsonView output) {
  for (const JsonView document : output.items()) {
    if (const auto code = document["code"].integer(); code && *code != 0)
      return Error{Errc::unavailable, cat("the index refuses a document: ", *code, " ",
                                          utf8_prefix(document["message"].text(), 200))};
  }
  return ok();
}

}  // namespace

std::string VectorIndex::path_of(const Vector& vector, std::string_view call) const {
  return cat("/v1/collections/", is_own() ? own_collection(vector) : collection, call);
}

Task<Result<Json>> VectorIndex::ask(std::string_view method, std::string path,
                                    std::string body) const {
  if (breaker.is_open()) co_return Error{Errc::exhausted, cat(service, " is left alone")};
  std::vector<Header> headers = {{"content-type", "application/json"}};
  if (!key.empty()) headers.push_back({"dashvector-auth-token", key.reveal()});
  const std::string cluster = cluster_of(service, port);
  const auto reply = co_await http::call(cluster, {.method = method,
                                                   .path = path,
                                                   .host = host,
                                                   .headers = headers,
                                                   .body = body,
                                                   .timeout = timeout});
  Result<Json> answer = Error{Errc::unavailable, ""};
  if (!reply) {
    answer = reply.error();
  } else if (reply->status != 200) {
    answer = Error{Errc::unavailable,
                   cat(service, " answers ", reply->status, ": ", utf8_prefix(reply->body, 200))};
  } else {
    answer = Json::parse(reply->body.str(), kReplyLimits);
  }
  if (answer && !answer->root()["code"].integer())
    answer = Error{Errc::protocol, cat(service, " answers without a code")};
  if (answer) {
    breaker.succeeded();
  } else {
    breaker.failed();
  }
  co_return answer;
}

Task<Result<std::vector<Neighbour>>> VectorIndex::nearest(const Vector& vector,
                                                          std::string_view scope) const {
  JsonWriter json;
  json.begin_object().key("vector").raw(vector.numbers).member("topk", count);
  json.member("include_vector", false).member("filter", cat("scope = '", scope, "'"));
  add_place(json, is_own(), scope);
  json.key("output_fields").begin_array().value("query").end_array().end_object();
  const auto reply = co_await ask("POST", path_of(vector, "/query"), std::move(json).take());
  if (!reply) co_return reply.error();
  const std::int64_t code = reply->root()["code"].integer().value_or(-1);
  std::vector<Neighbour> found;
  if (is_own() && (code == kNoCollection || code == kNoPartition)) co_return found;
  if (code != 0) {
    co_return Error{Errc::unavailable, cat(service, " refuses a query: ", code, " ",
                                           utf8_prefix(reply->root()["message"].text(), 200))};
  }
  for (const JsonView document : reply->root()["output"].items()) {
    const auto score = document["score"].number();
    if (!score || found.size() == count) continue;
    found.push_back({std::string(document["id"].text()),
                     std::string(document["fields"]["query"].text()), *score});
  }
  co_return found;
}

Task<Status> VectorIndex::add(const Vector& vector, std::string_view scope, Neighbour document,
                              std::chrono::seconds life) const {
  JsonWriter json;
  json.begin_object();
  add_place(json, is_own(), scope);
  json.key("docs").begin_array().begin_object().member("id", document.id);
  json.key("vector").raw(vector.numbers).key("fields").begin_object();
  json.member("query", document.question).member("scope", scope).end_object();
  if (is_own() && life.count() > 0) json.member("ttl", life.count());
  json.end_object().end_array().end_object();
  const auto reply = co_await ask("POST", path_of(vector, "/docs/upsert"), std::move(json).take());
  if (!reply) co_return reply.error();
  if (const auto code = reply->root()["code"].integer(); code != 0) {
    co_return Error{Errc::unavailable, cat(service, " refuses a vector: ", *code, " ",
                                           utf8_prefix(reply->root()["message"].text(), 200))};
  }
  co_return check_documents(reply->root()["output"]);
}

Task<Status> VectorIndex::remove(const Vector& vector, std::string_view scope,
                                 std::span<const std::string> ids) const {
  JsonWriter json;
  json.begin_object();
  add_place(json, is_own(), scope);
  json.key("ids").begin_array();
  for (const std::string& id : ids) json.value(id);
  json.end_array().end_object();
  const auto reply = co_await ask("DELETE", path_of(vector, "/docs"), std::move(json).take());
  if (!reply) co_return reply.error();
  co_return ok();
}

bool VectorIndex::is_near(double score) const {
  const double limit = threshold.value_or(kCosineDistanceMax);
  switch (relation.value_or(is_larger_nearer(metric) ? Relation::gt : Relation::lt)) {
    case Relation::lt:
      return score < limit;
    case Relation::lte:
      return score <= limit;
    case Relation::gt:
      return score > limit;
    case Relation::gte:
      return score >= limit;
  }
  return false;
}

double VectorIndex::similarity(double score) const {
  const double similarity = is_larger_nearer(metric)   ? score
                            : metric == Metric::cosine ? 1 - score
                                                       : 1 / (1 + std::max(score, 0.0));
  return std::clamp(similarity, 0.0, 1.0);
}

void VectorIndex::describe(Schema<VectorIndex>& schema) {
  schema.field("type", &VectorIndex::type, "whose API the index speaks").one_of({"dashvector"});
  schema.field("serviceName", &VectorIndex::service, "the service, as the gateway names it");
  schema.field("servicePort", &VectorIndex::port, "its port");
  schema.field("serviceHost", &VectorIndex::host, "the host name that requests carry");
  schema.field("timeout", &VectorIndex::timeout, "how long one call may take, in milliseconds")
      .range(1, 300'000);
  schema.field("apiKey", &VectorIndex::key, "the key of the service");
  schema.field("collectionID", &VectorIndex::collection,
               "the collection; when nothing is said, one for each model");
  schema.field("topK", &VectorIndex::count, "how many neighbours are looked at").range(1, 100);
  schema.field("metric", &VectorIndex::metric, "how the collection measures")
      .choice("cosine", Metric::cosine)
      .choice("euclidean", Metric::euclidean)
      .choice("dotproduct", Metric::dotproduct);
  schema.field("threshold", &VectorIndex::threshold,
               "the score that a neighbour must pass; 0.1 for cosine when nothing is said");
  schema.field("thresholdRelation", &VectorIndex::relation, "how the score must be to it")
      .choice("lt", Relation::lt)
      .choice("lte", Relation::lte)
      .choice("gt", Relation::gt)
      .choice("gte", Relation::gte);
}

Status VectorIndex::check() const {
  MYNAH_OK(check_host(host));
  const bool wants_larger = relation == Relation::gt || relation == Relation::gte;
  const bool larger_nearer = is_larger_nearer(metric);
  if (relation && wants_larger != larger_nearer) {
    return Error{Errc::invalid_argument,
                 cat("thresholdRelation would serve the farthest: with this metric, ",
                     larger_nearer ? "larger scores are nearer; say gt or gte"
                                   : "smaller scores are nearer; say lt or lte")};
  }
  if (!threshold && metric != Metric::cosine)
    return Error{Errc::invalid_argument, "threshold is needed with a metric other than cosine"};
  if (threshold && metric == Metric::cosine && (*threshold <= 0 || *threshold >= 1)) {
    return Error{Errc::invalid_argument,
                 "threshold is a cosine distance between 0 and 1, which are equal and unrelated: "
                 "0.1 is usual"};
  }
  if (service != "vectors" && collection.empty())
    return Error{Errc::invalid_argument, "collectionID is needed with a service of one's own"};
  return ok();
}
