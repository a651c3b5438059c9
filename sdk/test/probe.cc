// SPDX-License-Identifier: Apache-2.0
// A plug-in that waits for whatever its configuration names, so that tests can end it at each of
// its waits. Whatever it holds while it waits is counted.
#include "probe.h"

#include <mynah/event.h>
#include <mynah/grpc.h>
#include <mynah/plugin.h>
#include <mynah/queue.h>
#include <mynah/redis.h>

using namespace mynah;

int Live::count = 0;

struct Config {
  std::string does;
  Redis store;
  mutable Event arrival;
  mutable int arrived = 0;

  static void describe(Schema<Config>& schema) {
    schema.field("does", &Config::does, "what to wait for").required();
    schema.field("store", &Config::store, "a store");
  }
};

static std::string upper(std::string_view text) {
  std::string made(text);
  for (char& c : made) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return made;
}

static Task<> shout(Message& message, bool slowly) {
  message.will_rewrite();
  while (auto piece = co_await message.next_piece()) {
    const Live held;
    if (slowly) co_await sleep(7ms);  // tidy: allow sleep: a timer
    piece->replace(upper(piece->text()));
  }
}

static Task<int> nested(int depth) {
  const Live held;
  if (depth > 0) co_return co_await nested(depth - 1) + 1;
  co_await sleep(5ms);  // tidy: allow sleep: a timer
  co_return 0;
}

static Task<> in_request(const Config& config, Exchange& x) {
  const Live held;
  if (config.does == "gather") {
    const auto body = co_await x.request().body();
    if (body) x.request().set_body(upper(body->text()));
  } else if (config.does == "shout" || config.does == "shout slowly") {
    co_await shout(x.request(), config.does != "shout");
  } else if (config.does == "sleep") {
    co_await sleep(5ms);  // tidy: allow sleep: a timer
  } else if (config.does == "nested") {
    x.note("depth", cat(co_await nested(3)));
  } else if (config.does == "call") {
    const auto reply = co_await http::get("side", "/");
    x.note("call", reply ? reply->body.text() : std::string_view(reply.error().what));
  } else if (config.does == "grpc") {
    const auto reply = co_await grpc::call("peer", "a.B", "C", "ping", {.timeout = 50ms});
    x.note("grpc",
           reply ? reply->text() : cat(name_of(reply.error().code), " ", reply.error().what));
  } else if (config.does == "queue") {
    auto jobs = SharedQueue::open("jobs");
    if (!jobs) co_return x.note("queue", jobs.error().what);
    for (const std::string_view job : {"one", "", "three"}) jobs->push(job).ignore();
    auto same = SharedQueue::open("jobs");
    std::string seen;
    while (const auto job = same->pop()) append(seen, *job, ";");
    const auto other = SharedQueue::find("nobody", "jobs");
    x.note("queue", cat(seen, other ? "found" : name_of(other.error().code)));
  } else if (config.does == "redis") {
    const auto kept = co_await config.store.get("key");
    x.note("redis", kept ? kept->value_or("nothing") : kept.error().what);
  } else if (config.does == "both") {
    const auto [call, kept] = co_await all(http::get("side", "/"), config.store.get("key"));
    x.note("both",
           cat(call ? call->body.text() : "no", ",", kept ? kept->value_or("nothing") : "no"));
  } else if (config.does == "first") {
    // tidy: allow sleep: a timer
    const auto first = co_await any(http::get("side", "/"), sleep(3ms));
    x.note("first", cat(first.index()));
  } else if (config.does == "await others") {
    ++config.arrived;
    config.arrival.notify();
    // The last to come waits for nobody.
    while (config.arrived < 5) co_await config.arrival.wait();
  } else if (config.does == "timeout") {
    const auto kept = co_await with_timeout(config.store.get("key"), 4ms);
    x.note("timeout", kept ? "answered" : name_of(kept.error().code));
  }
}

static Task<> in_response(const Config& config, Exchange& x, Response& response) {
  const Live held;
  if (config.does == "response gather") {
    const auto body = co_await response.body();
    if (body) response.set_body(upper(body->text()));
  } else if (config.does == "response shout" || config.does == "response shout slowly") {
    co_await shout(response, config.does != "response shout");
  } else if (config.does == "response call") {
    const auto reply = co_await http::get("side", "/");
    if (reply) response.set_header("x-side", reply->body.text());
  } else if (config.does == "events") {
    std::string seen;
    while (const auto event = co_await response.next_event()) append(seen, event->data, ";");
    x.note("events", cat(seen, response.complete() ? "whole" : "broken"));
  } else if (config.does == "afterwards") {
    response.pass();
    co_await sleep(20ms);  // tidy: allow sleep: a timer
    x.note("afterwards", "done");
    log_info("done afterwards");
  } else if (config.does == "patience") {
    while (true) {
      auto piece = co_await with_timeout(response.next_piece(), 4ms);
      if (piece && !*piece) break;
      log_info(piece ? "a piece" : "nothing came");
    }
  } else if (config.does == "two replies") {
    x.reply({.status = 418, .body = "one"});
    x.reply({.status = 419, .body = "two"});
  }
}

Task<> serve(const Config& config, Exchange& x) {
  const Live held;
  if (config.does == "nothing") co_return;
  if (config.does == "refuse") {
    x.reply({.status = 403, .body = "no"});
    co_await sleep(5ms);  // tidy: allow sleep: a timer
    log_info("still here");
    co_return;
  }
  co_await in_request(config, x);
  Response& response = co_await x.next();
  co_await in_response(config, x, response);
}

MYNAH_PLUGIN(Config, serve, {.id = "probe", .title = "Probe"});
