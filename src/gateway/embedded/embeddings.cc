// SPDX-License-Identifier: Apache-2.0
// Two dialects around one call: each has a reader of its requests and a writer of its answers.
#include "gateway/embedded/embeddings.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "base/encoding.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "gateway/embedded/local_reply.h"
#include "gateway/error_reply.h"

namespace mynah {
namespace {

constexpr std::size_t kRequestBytesMax = 4U << 20U;
constexpr std::size_t kTextsMax = 256;
constexpr std::size_t kTextBytesMax = 256U << 10U;
constexpr std::string_view kDashScopePath = "/services/embeddings/text-embedding/text-embedding";
constexpr const char* kModelHeader = "x-mynah-embedding-model";

enum class Dialect : unsigned char { openai, dashscope };

// Who is served, and how.
struct Service {
  Loop& loop;
  embed::Embedder& embedder;
  std::string folder;
};

struct Wanted {
  embed::EmbedRequest request;
  std::optional<std::uint64_t> dimensions;
  bool as_base64 = false;
};

ErrorReply invalid(std::string message) { return {400, "invalid-request", std::move(message)}; }

std::variant<Wanted, ErrorReply> read_request(const Json& body, Dialect dialect) {
  Wanted wanted;
  const bool openai = dialect == Dialect::openai;
  const JsonView input = openai ? body["input"] : body.find("input.texts");
  const char* const name = openai ? "input" : "input.texts";
  wanted.request.model = body["model"].text();
  wanted.dimensions =
      (openai ? body["dimensions"] : body.find("parameters.dimension")).unsigned_integer();
  const std::string_view format = body["encoding_format"].text();
  if (openai && !format.empty() && format != "float" && format != "base64")
    return ErrorReply{400, "unsupported-option", "encoding_format must be float or base64."};
  wanted.as_base64 = openai && format == "base64";
  if (input.is_string()) {
    wanted.request.texts.emplace_back(input.text());
  } else {
    for (const JsonView each : input.items()) {
      if (!each.is_string()) return invalid(cat(name, " must be a text or a list of texts."));
      if (wanted.request.texts.size() == kTextsMax)
        return ErrorReply{413, "too-many-texts", cat("A call takes ", kTextsMax, " texts.")};
      wanted.request.texts.emplace_back(each.text());
    }
  }
  if (wanted.request.texts.empty()) return invalid(cat(name, " must hold a text."));
  for (const std::string& text : wanted.request.texts) {
    if (text.size() > kTextBytesMax)
      return ErrorReply{413, "too-large", cat("A text has at most ", kTextBytesMax, " bytes.")};
  }
  return wanted;
}

ErrorReply reply_of(const Error& error) {
  switch (error.code) {
    case Errc::invalid_argument:
      return {400, "empty-text", error.what};
    case Errc::unsupported:
      return {422, "unrepresentable-text", error.what};
    case Errc::exhausted:
      return {429, "overloaded", error.what};
    case Errc::too_large:
      return {413, "too-large", error.what};
    default:
      return {503, "model-unavailable", error.what};
  }
}

void write_vector(JsonWriter& json, const std::vector<float>& vector, bool as_base64) {
  if (as_base64) {
    static_assert(std::endian::native == std::endian::little);
    json.value(base64({reinterpret_cast<const char*>(vector.data()), vector.size() * 4}));
    return;
  }
  json.begin_array();
  for (const float x : vector) {
    std::array<char, 24> digits{};
    const auto [end, failure] = std::to_chars(digits.data(), digits.data() + digits.size(), x);
    json.raw({digits.data(), end});
  }
  json.end_array();
}

// All models of the answer, each once.
std::string models_of(const embed::Embeddings& made) {
  std::vector<std::string> names;
  for (const auto& each : made) {
    if (std::ranges::find(names, each.model) == names.end()) names.push_back(each.model);
  }
  return join(names, ",");
}

std::string openai_answer(const embed::Embeddings& made, bool as_base64) {
  JsonWriter json;
  std::size_t tokens = 0;
  json.begin_object().member("object", "list").key("data").begin_array();
  for (std::size_t i = 0; i < made.size(); ++i) {
    json.begin_object().member("object", "embedding").member("index", i).key("embedding");
    write_vector(json, *made[i].vector, as_base64);
    json.member("model", made[i].model).end_object();
    tokens += made[i].tokens;
  }
  json.end_array().member("model", models_of(made));
  json.key("usage").begin_object();
  json.member("prompt_tokens", tokens).member("total_tokens", tokens).end_object();
  json.end_object();
  return std::move(json).take();
}

std::string dashscope_answer(const embed::Embeddings& made, std::string_view request_id) {
  JsonWriter json;
  std::size_t tokens = 0;
  json.begin_object().key("output").begin_object().key("embeddings").begin_array();
  for (std::size_t i = 0; i < made.size(); ++i) {
    json.begin_object().member("text_index", i).key("embedding");
    write_vector(json, *made[i].vector, false);
    json.member("model", made[i].model).end_object();
    tokens += made[i].tokens;
  }
  json.end_array().end_object();
  json.key("usage").begin_object().member("total_tokens", tokens).end_object();
  json.member("request_id", request_id).end_object();
  return std::move(json).take();
}

std::string request_id_of(http::ServerStream& exchange) {
  return std::string(exchange.request().value_or("x-request-id", ""));
}

Task<Status> refuse(http::ServerStream& exchange, Dialect dialect, ErrorReply error) {
  Headers more;
  if (error.status == 429) more.add("retry-after", "1");
  if (dialect == Dialect::openai)
    co_return co_await respond_json(exchange, error.status, error_body("/v1/", error),
                                    std::move(more));
  JsonWriter json;
  json.begin_object().member("code", error.code).member("message", error.message);
  json.member("request_id", request_id_of(exchange)).end_object();
  co_return co_await respond_json(exchange, error.status, std::move(json).take(), std::move(more));
}

Task<Status> embed_texts(const Service& service, http::ServerStream& exchange, Dialect dialect) {
  auto bytes = co_await read_body(exchange, kRequestBytesMax);
  if (!bytes && bytes.error().code != Errc::too_large) co_return std::move(bytes).error();
  if (!bytes) co_return co_await refuse(exchange, dialect, reply_of(bytes.error()));
  const auto body = Json::parse(*std::move(bytes));
  if (!body) co_return co_await refuse(exchange, dialect, invalid(body.error().what));
  auto read = read_request(*body, dialect);
  if (const auto* error = std::get_if<ErrorReply>(&read))
    co_return co_await refuse(exchange, dialect, *error);
  auto& wanted = std::get<Wanted>(read);
  wanted.request.folder = service.folder;
  const auto made = co_await service.embedder.embed(service.loop, std::move(wanted.request));
  if (!made) co_return co_await refuse(exchange, dialect, reply_of(made.error()));
  // What a vendor's model could be shortened to, these cannot.
  const auto unlike = std::ranges::find_if(*made, [&](const embed::Embedding& each) {
    return wanted.dimensions && *wanted.dimensions != each.vector->size();
  });
  if (unlike != made->end()) {
    co_return co_await refuse(exchange, dialect,
                              {400, "unsupported-option",
                               cat("Vectors of ", unlike->model, " have ", unlike->vector->size(),
                                   " dimensions, not ", *wanted.dimensions, ".")});
  }
  Headers more;
  more.add(kModelHeader, models_of(*made));
  co_return co_await respond_json(exchange, 200,
                                  dialect == Dialect::openai
                                      ? openai_answer(*made, wanted.as_base64)
                                      : dashscope_answer(*made, request_id_of(exchange)),
                                  std::move(more));
}

Task<Status> list_models(http::ServerStream& exchange) {
  JsonWriter json;
  json.begin_object().member("object", "list").key("data").begin_array();
  for (const std::string_view name : {embed::kEnglishModel, embed::kChineseModel}) {
    json.begin_object().member("id", name).member("object", "model").member("created", 0);
    json.member("owned_by", "mynah").end_object();
  }
  json.end_array().end_object();
  co_return co_await respond_json(exchange, 200, std::move(json).take());
}

// Failures to send mean that the caller has gone; there is nobody to tell.
Task<> serve(Service service, http::ServerStream& exchange) {
  const std::string_view path = cut(exchange.request().value_or(":path", ""), "?").before;
  const std::string_view method = exchange.request().value_or(":method", "");
  if (method == "POST" && path.ends_with(kDashScopePath))
    co_return (co_await embed_texts(service, exchange, Dialect::dashscope)).ignore();
  if (method == "POST" && path.ends_with("/embeddings"))
    co_return (co_await embed_texts(service, exchange, Dialect::openai)).ignore();
  if (method == "GET" && path.ends_with("/models"))
    co_return (co_await list_models(exchange)).ignore();
  (co_await refuse(
       exchange, Dialect::openai,
       {404, "not-found", cat("The embedding service does not serve ", method, " ", path, ".")}))
      .ignore();
}

}  // namespace

http::LocalHandler embeddings(Loop& loop, embed::Embedder& embedder, std::string folder) {
  return [service = Service{loop, embedder, std::move(folder)}](http::ServerStream& exchange) {
    return serve(service, exchange);
  };
}

}  // namespace mynah
