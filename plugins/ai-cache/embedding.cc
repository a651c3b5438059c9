// SPDX-License-Identifier: Apache-2.0
// Two dialects of one call. Nothing of the answer is believed unseen.
#include "embedding.h"

#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "base/text.h"

using namespace mynah;

namespace {

constexpr std::size_t kDimensionMax = 20'000;
constexpr JsonLimits kReplyLimits{.bytes_max = 1U << 20U, .depth_max = 16};

struct Dialect {
  std::string_view path;   // tidy: allow string_view: a literal
  std::string_view host;   // tidy: allow string_view: a literal
  std::string_view model;  // tidy: allow string_view: a literal
  std::string_view found;  // tidy: allow string_view: a literal
};

constexpr Dialect kOpenai{"/v1/embeddings", "api.openai.com", "text-embedding-3-small",
                          "data.0.embedding"};
constexpr Dialect kDashscope{"/api/v1/services/embeddings/text-embedding/text-embedding",
                             "dashscope.aliyuncs.com", "text-embedding-v2",
                             "output.embeddings.0.embedding"};

const Dialect& dialect_of(const Embedding& embedding) {
  return embedding.api == Embedding::Api::openai ? kOpenai : kDashscope;
}

std::string request_of(const Embedding& embedding, std::string_view model, std::string_view text) {
  JsonWriter json;
  json.begin_object().member("model", model);
  if (embedding.api == Embedding::Api::openai) {
    json.member("input", text);
  } else {
    json.key("input").begin_object().key("texts").begin_array().value(text).end_array();
    json.end_object().key("parameters").begin_object().member("text_type", "query").end_object();
  }
  return std::move(json.end_object()).take();
}

Result<Vector> read_reply(std::string_view body, const Dialect& dialect, std::string_view model) {
  MYNAH_LET(const Json reply, Json::parse(std::string(body), kReplyLimits));
  const JsonView found = reply.find(dialect.found);
  const std::size_t dimension = found.is_array() ? found.size() : 0;
  if (dimension == 0 || dimension > kDimensionMax)
    return Error{Errc::protocol, cat("there is no vector at ", dialect.found)};
  for (const JsonView number : found.items()) {
    if (!number.number()) return Error{Errc::protocol, "a part of the vector is no number"};
  }
  const std::string_view said = reply["model"].text();
  return Vector{std::string(found.raw()), dimension, std::string(said.empty() ? model : said)};
}

}  // namespace

Task<Result<Vector>> Embedding::embed(std::string_view text) const {
  if (breaker.is_open()) co_return Error{Errc::exhausted, cat(service, " is left alone")};
  const Dialect& dialect = dialect_of(*this);
  const std::string asked(model.empty() ? dialect.model : std::string_view(model));
  const std::string body = request_of(*this, asked, text);
  std::vector<Header> headers = {{"content-type", "application/json"}};
  if (!key.empty()) headers.push_back({"authorization", cat("Bearer ", key.reveal())});
  const std::string cluster = cluster_of(service, port);
  const auto reply = co_await http::call(cluster, {.method = "POST",
                                                   .path = dialect.path,
                                                   .host = host.empty() ? dialect.host : host,
                                                   .headers = headers,
                                                   .body = body,
                                                   .timeout = timeout});
  if (reply && (reply->status == 400 || reply->status == 422)) {
    breaker.succeeded();
    co_return Error{Errc::unsupported,
                    cat(service, " takes no such text: ", utf8_prefix(reply->body, 200))};
  }
  Result<Vector> vector = Error{Errc::unavailable, ""};
  if (!reply) {
    vector = reply.error();
  } else if (reply->status != 200) {
    vector = Error{Errc::unavailable,
                   cat(service, " answers ", reply->status, ": ", utf8_prefix(reply->body, 200))};
  } else {
    vector = read_reply(reply->body, dialect, asked);
  }
  if (vector) {
    breaker.succeeded();
  } else {
    breaker.failed();
  }
  co_return vector;
}

Status check_host(std::string_view host) {
  if (host.find_first_of("/ ") == std::string_view::npos) return ok();
  return Error{Errc::invalid_argument,
               cat("\"", utf8_prefix(host, 100),
                   "\" is no host name; say the name alone, without https:// and path")};
}

Status Embedding::check() const { return check_host(host); }

void Embedding::describe(Schema<Embedding>& schema) {
  schema.field("type", &Embedding::api, "whose API the service speaks")
      .choice("openai", Api::openai)
      .choice("dashscope", Api::dashscope);
  schema.field("serviceName", &Embedding::service, "the service, as the gateway names it");
  schema.field("servicePort", &Embedding::port, "its port");
  schema.field("serviceHost", &Embedding::host,
               "the host name that requests carry; that of the API's owner when nothing is said");
  schema.field("timeout", &Embedding::timeout, "how long one call may take, in milliseconds")
      .range(1, 300'000);
  schema.field("model", &Embedding::model, "the model that makes the vectors");
  schema.field("apiKey", &Embedding::key, "the key of the service");
}
