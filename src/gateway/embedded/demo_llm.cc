// SPDX-License-Identifier: Apache-2.0
// A model of rules: it repeats the question and says how long it is. Its pieces in a stream are
// words.
#include "gateway/embedded/demo_llm.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "base/units.h"
#include "gateway/embedded/local_reply.h"
#include "gateway/error_reply.h"

namespace mynah {
namespace {

constexpr std::size_t kRequestBytesMax = 4U << 20U;
constexpr Duration kDefaultPace = 20ms;
constexpr Duration kLongestWait = 60s;
constexpr std::string_view kModel = "demo";

std::uint64_t hash(std::string_view text) {
  std::uint64_t h = 0xcbf29ce484222325ULL;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return h;
}

Duration wait_of(const Headers& request, std::string_view name, Duration otherwise) {
  const auto text = request.find(name);
  if (!text) return otherwise;
  const auto wait = parse_duration(*text);
  return wait ? std::min<Duration>(*wait, kLongestWait) : otherwise;
}

// The text of the last message, of parts too.
std::string question_of(const Json& request) {
  const JsonView content = request.root().find("messages.@reverse.0.content");
  if (!content.is_array()) return std::string(content.text());
  std::string joined;
  for (const JsonView part : content.items()) joined += part["text"].text();
  return joined;
}

struct Completion {
  std::string id;
  std::string model;
  std::int64_t created = 0;
  std::string answer;
  std::size_t prompt_tokens = 0;
  std::size_t answer_tokens = 0;
};

void write_usage(JsonWriter& json, const Completion& completion) {
  json.key("usage").begin_object();
  json.member("prompt_tokens", completion.prompt_tokens);
  json.member("completion_tokens", completion.answer_tokens);
  json.member("total_tokens", completion.prompt_tokens + completion.answer_tokens);
  json.end_object();
}

void write_head(JsonWriter& json, const Completion& completion, std::string_view object) {
  json.begin_object();
  json.member("id", completion.id).member("object", object);
  json.member("created", completion.created).member("model", completion.model);
}

std::string whole(const Completion& completion) {
  JsonWriter json;
  write_head(json, completion, "chat.completion");
  json.key("choices").begin_array().begin_object();
  json.member("index", 0);
  json.key("message")
      .begin_object()
      .member("role", "assistant")
      .member("content", completion.answer)
      .end_object();
  json.member("finish_reason", "stop");
  json.end_object().end_array();
  write_usage(json, completion);
  json.end_object();
  return std::move(json).take();
}

enum class Piece : unsigned char { role, content, finish };

std::string event(const Completion& completion, Piece piece, std::string_view content) {
  JsonWriter json("data: ");
  write_head(json, completion, "chat.completion.chunk");
  json.key("choices").begin_array().begin_object();
  json.member("index", 0);
  json.key("delta").begin_object();
  if (piece == Piece::role) json.member("role", "assistant").member("content", "");
  if (piece == Piece::content) json.member("content", content);
  json.end_object();
  json.key("finish_reason");
  if (piece == Piece::finish) {
    json.value("stop");
  } else {
    json.null();
  }
  json.end_object().end_array().end_object();
  return std::move(json).take() + "\n\n";
}

std::string usage_event(const Completion& completion) {
  JsonWriter json("data: ");
  write_head(json, completion, "chat.completion.chunk");
  json.key("choices").begin_array().end_array();
  write_usage(json, completion);
  json.end_object();
  return std::move(json).take() + "\n\n";
}

// Words with the blank before them.
std::vector<std::string_view> pieces_of(std::string_view answer) {
  std::vector<std::string_view> pieces;
  while (!answer.empty()) {
    const std::size_t end = std::min(answer.find(' ', 1), answer.size());
    pieces.push_back(answer.substr(0, end));
    answer.remove_prefix(end);
  }
  return pieces;
}

Task<Status> refuse(http::ServerStream& exchange, int status, std::string_view code,
                    std::string message) {
  co_return co_await respond_json(
      exchange, status, error_body("/v1/", {status, std::string(code), std::move(message)}));
}

Task<Status> stream_answer(Loop& loop, http::ServerStream& exchange, const Completion& completion,
                           bool with_usage, Duration pace) {
  Headers head;
  head.add(":status", "200");
  head.add("content-type", "text/event-stream");
  head.add("cache-control", "no-cache");
  MYNAH_CO_OK(co_await exchange.respond(head, http::End::no));
  MYNAH_CO_OK(
      co_await exchange.write(Slice::of(event(completion, Piece::role, "")), http::End::no));
  for (const std::string_view piece : pieces_of(completion.answer)) {
    if (pace > Duration{}) co_await Sleep(loop, pace);
    MYNAH_CO_OK(co_await exchange.write(Slice::of(event(completion, Piece::content, piece)),
                                        http::End::no));
  }
  std::string tail = event(completion, Piece::finish, "");
  if (with_usage) tail += usage_event(completion);
  tail += "data: [DONE]\n\n";
  co_return co_await exchange.write(Slice::of(std::move(tail)), http::End::yes);
}

Task<Status> complete(Loop& loop, http::ServerStream& exchange) {
  auto bytes = co_await read_body(exchange, kRequestBytesMax);
  if (!bytes && bytes.error().code != Errc::too_large) co_return std::move(bytes).error();
  if (!bytes) co_return co_await refuse(exchange, 413, "too-large", bytes.error().what);
  const std::uint64_t fingerprint = hash(*bytes);
  auto request = Json::parse(*std::move(bytes));
  if (!request) co_return co_await refuse(exchange, 400, "invalid-json", request.error().what);
  const std::string question = question_of(*request);
  if (question.empty()) {
    co_return co_await refuse(exchange, 400, "no-question",
                              "messages must end with one that has a text.");
  }
  Completion completion;
  completion.model = request->root().text("model");
  if (completion.model.empty()) completion.model = kModel;
  completion.created =
      std::chrono::duration_cast<std::chrono::seconds>(loop.wall_now().time_since_epoch()).count();
  completion.id =
      cat("chatcmpl-demo-", fingerprint ^ static_cast<std::uint64_t>(completion.created));
  completion.answer = demo_answer(question);
  for (const JsonView message : request->root()["messages"].items()) {
    completion.prompt_tokens += demo_tokens(
        message["content"].is_string() ? message["content"].text() : message["content"].raw());
  }
  completion.answer_tokens = demo_tokens(completion.answer);

  const Headers& headers = exchange.request();
  co_await Sleep(loop, wait_of(headers, "x-demo-delay", Duration{}));
  if (!request->root().flag("stream"))
    co_return co_await respond_json(exchange, 200, whole(completion));
  const bool with_usage = request->root().flag("stream_options.include_usage");
  co_return co_await stream_answer(loop, exchange, completion, with_usage,
                                   wait_of(headers, "x-demo-pace", kDefaultPace));
}

Task<Status> list_models(http::ServerStream& exchange) {
  JsonWriter json;
  json.begin_object().member("object", "list").key("data").begin_array();
  json.begin_object()
      .member("id", kModel)
      .member("object", "model")
      .member("created", 0)
      .member("owned_by", "mynah");
  json.end_object().end_array().end_object();
  co_return co_await respond_json(exchange, 200, std::move(json).take());
}

Task<> serve(Loop& loop, http::ServerStream& exchange) {
  const Headers& request = exchange.request();
  const std::string_view path = cut(request.value_or(":path", ""), "?").before;
  const std::string_view method = request.value_or(":method", "");
  // Failures to send mean that the caller has gone; there is nobody to tell.
  if (const auto status = request.find("x-demo-fail")) {
    const int wanted = parse_number<int>(*status).value_or(500);
    const bool proper = wanted >= 400 && wanted <= 599;
    co_return (co_await refuse(exchange, proper ? wanted : 500, "demo-failure",
                               "The request asked for this failure."))
        .ignore();
  }
  if (path.ends_with("/chat/completions") && method == "POST")
    co_return (co_await complete(loop, exchange)).ignore();
  if (path.ends_with("/models") && method == "GET")
    co_return (co_await list_models(exchange)).ignore();
  (co_await refuse(exchange, 404, "not-found",
                   cat("The demonstration model does not serve ", method, " ", path, ".")))
      .ignore();
}

}  // namespace

std::string demo_answer(std::string_view question) {
  const std::string_view shown = utf8_prefix(question, 400);
  return cat("You asked: \"", shown,
             "\" I am the demonstration model of Mynah; I know no answers, but I say the same ",
             "thing every time, which is what a cache likes. Your question has ",
             demo_tokens(question), " tokens.");
}

// About what real tokenizers count: a token for a word or four letters of a long one, and for each
// sign.
std::size_t demo_tokens(std::string_view text) {
  std::size_t tokens = 0;
  std::size_t letters = 0;
  const auto end_word = [&] {
    tokens += (letters + 4) / 5;
    letters = 0;
  };
  for (const char c : text) {
    const bool part_of_word =
        is_alpha(c) || is_digit(c) || (static_cast<unsigned char>(c) & 0x80U) != 0;
    if (part_of_word) {
      ++letters;
    } else {
      end_word();
      if (!is_blank(c)) ++tokens;
    }
  }
  end_word();
  return tokens;
}

http::LocalHandler demo_llm(Loop& loop) {
  return [&loop](http::ServerStream& exchange) { return serve(loop, exchange); };
}

}  // namespace mynah
