// SPDX-License-Identifier: Apache-2.0
// The rules of filters for one exchange on the simulated clock.
#include "story/plugin_exchange.h"

#include "base/text.h"

namespace mynah::story {

using wasm::Direction;
using wasm::End;

PluginExchange::PluginExchange(Simulation& simulation, PluginOutside& outside,
                               wasm::Machine& machine, wasm::RootId root, const Request& request,
                               const Answer& upstream)
    : simulation_(simulation), outside_(outside), script_(request), upstream_(upstream) {
  request_.headers.add(":method", request.method);
  request_.headers.add(":scheme", "http");
  request_.headers.add(":authority", "story");
  request_.headers.add(":path", request.path);
  for (const auto& [name, value] : request.message.headers) {
    if (name == "host")
      request_.headers.set(":authority", value);
    else
      request_.headers.add(name, value);
  }
  stream_.emplace(machine, root, *this);
}

void PluginExchange::begin() {
  began_ = simulation_.now();
  if (script_.message.leaves_after)
    simulation_.after(*script_.message.leaves_after, [this] { leave(); });
  arrive(Direction::request, script_.message, [this] { leave(); });
}

void PluginExchange::leave() {
  if (!over_) finish();
}

// ---- What comes

void PluginExchange::arrive(Direction direction, const Message& message,
                            std::function<void()> broken) {
  Side& to = side(direction);
  fill(to.trailers, message.trailers);
  const auto pieces = message.pieces();
  const bool breaks = message.breaks_after.has_value();
  const bool empty = pieces.empty() && !breaks && message.trailers.empty();
  if (!breaks && !pieces.empty() && message.trailers.empty() && !to.headers.has("content-length") &&
      !to.headers.value_or("content-type", "").starts_with("text/event-stream")) {
    to.headers.add("content-length", cat(message.body.size()));
  }
  show_headers(direction, empty);
  Duration when{};
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const bool last = i + 1 == pieces.size() && !breaks;
    simulation_.after(when, [this, &to, direction, piece = std::string(pieces[i]), last] {
      if (over_) return;
      to.unseen.append(Slice::copy_of(piece));
      to.ended |= last;
      show_body(direction);
    });
    if (i + 1 < pieces.size()) when += message.apart;
  }
  if (breaks)
    simulation_.after(when, [this, broken = std::move(broken)] {
      if (!over_) broken();
    });
  if (pieces.empty() && !message.trailers.empty()) {
    to.ended = true;
    show_body(direction);
  }
}

template <class Action>
bool PluginExchange::failed(const Result<Action>& action) {
  if (action) return false;
  fault = action.error();
  finish();
  return true;
}

void PluginExchange::show_headers(Direction direction, bool end) {
  Side& from = side(direction);
  from.here = true;
  from.ended = from.end_shown = end;
  const auto action = direction == Direction::request
                          ? stream_->on_request_headers(end ? End::yes : End::no)
                          : stream_->on_response_headers(end ? End::yes : End::no);
  if (over_ || failed(action)) return;
  from.held = *action != abi::HeadersAction::continue_iteration;
  from.all_held = from.held && *action != abi::HeadersAction::stop_iteration;
  if (!from.held) forward(direction);
}

void PluginExchange::show_body(Direction direction) {
  Side& from = side(direction);
  if (over_ || from.all_held || from.done) return;
  const bool trailers = !from.trailers.empty();
  const bool end = from.ended && !trailers;
  if (from.unseen.empty() && (!end || from.end_shown)) return show_trailers(direction);
  from.shown.append(std::exchange(from.unseen, {}));
  from.end_shown = end;
  const auto action = direction == Direction::request
                          ? stream_->on_request_body(end ? End::yes : End::no)
                          : stream_->on_response_body(end ? End::yes : End::no);
  if (over_ || failed(action)) return;
  from.held = *action != abi::BodyAction::continue_iteration;
  if (*action == abi::BodyAction::stop_no_buffer) from.shown.clear();
  if (!from.held) forward(direction);
  show_trailers(direction);
}

void PluginExchange::show_trailers(Direction direction) {
  Side& from = side(direction);
  if (over_ || !from.ended || from.trailers.empty() || from.trailers_shown || !from.unseen.empty())
    return;
  from.trailers_shown = true;
  const auto action = direction == Direction::request ? stream_->on_request_trailers()
                                                      : stream_->on_response_trailers();
  if (over_ || failed(action)) return;
  from.held = *action != abi::TrailersAction::continue_iteration;
  if (!from.held) forward(direction);
}

// ---- What goes on

void PluginExchange::forward(Direction direction) {
  Side& from = side(direction);
  const bool end = from.ended && from.unseen.empty() &&
                   (from.trailers.empty() ? from.end_shown : from.trailers_shown);
  if (direction == Direction::request) {
    forward_request(end);
  } else {
    forward_response(end);
  }
}

void PluginExchange::forward_request(bool end) {
  if (!std::exchange(request_.headers_gone, true)) {
    outcome.upstream.push_back({.service = {},
                                .method = std::string(request_.headers.value_or(":method", "")),
                                .path = std::string(request_.headers.value_or(":path", "")),
                                .headers = fields_of(request_.headers),
                                .body = {}});
  }
  outcome.upstream.back().body += request_.shown.copy();
  request_.shown.clear();
  if (!end || std::exchange(request_.done, true)) return;
  simulation_.after(upstream_.message.after, [this] { answer_as_upstream(); });
}

void PluginExchange::answer_as_upstream() {
  if (over_ || upstream_.conduct == Conduct::silent) return;
  const bool answers = upstream_.conduct == Conduct::answers;
  static const Message kNothing;
  response_.headers.add(":status", answers ? cat(upstream_.status) : "503");
  if (answers) fill(response_.headers, upstream_.message.headers);
  arrive(Direction::response, answers ? upstream_.message : kNothing, [this] { finish(); });
}

void PluginExchange::forward_response(bool end) {
  const Duration now = simulation_.now() - began_;
  if (!std::exchange(response_.headers_gone, true)) {
    outcome.answered = true;
    outcome.status = parse_number<int>(response_.headers.value_or(":status", "")).value_or(0);
    outcome.headers = fields_of(response_.headers);
    outcome.headers_at = now;
  }
  if (!response_.shown.empty()) {
    outcome.body += response_.shown.copy();
    outcome.pieces_at.push_back(now);
    response_.shown.clear();
  }
  outcome.ended_at = now;
  if (!end) return;
  response_.done = outcome.complete = true;
  // Over when the plug-in has returned.
  simulation_.after({}, [this] { leave(); });
}

void PluginExchange::finish() {
  over_ = true;
  // The stream goes when no code of the plug-in can be on the stack.
  simulation_.after({}, [this] {
    if (!stream_) return;
    if (const Status finished = stream_->finish(); !finished && !fault) fault = finished.error();
    stream_.reset();
  });
}

// ---- What the plug-in asks for

Headers* PluginExchange::headers(abi::MapType map) {
  switch (map) {
    case abi::MapType::request_headers:
      return &request_.headers;
    case abi::MapType::response_headers:
      return response_.here ? &response_.headers : nullptr;
    case abi::MapType::request_trailers:
      return request_.trailers_shown ? &request_.trailers : nullptr;
    case abi::MapType::response_trailers:
      return response_.trailers_shown ? &response_.trailers : nullptr;
    default:
      return nullptr;
  }
}

SliceChain* PluginExchange::body(Direction direction) { return &side(direction).shown; }

Status PluginExchange::set_property(wasm::PropertyPath path, std::string_view value) {
  std::string name;
  for (const std::string_view part : path) append(name, name.empty() ? "" : ".", part);
  outcome.notes[name] = value;
  outside_.properties[name] = value;
  return ok();
}

void PluginExchange::respond(wasm::LocalResponse response) {
  if (over_) return;
  outcome.answered = outcome.complete = true;
  outcome.status = static_cast<int>(response.status);
  outcome.headers = fields_of(response.headers);
  outcome.body = response.body;
  outcome.headers_at = outcome.ended_at = simulation_.now() - began_;
  if (!response.body.empty()) outcome.pieces_at.push_back(outcome.headers_at);
  finish();
}

void PluginExchange::resume(Direction direction) {
  Side& held = side(direction);
  if (over_ || !std::exchange(held.held, false)) return;
  held.all_held = false;
  forward(direction);
  show_body(direction);
}

void PluginExchange::reset(Direction) { leave(); }

void PluginExchange::inject_response(std::string bytes, End end) {
  if (over_) return;
  response_.shown.append(Slice::copy_of(bytes));
  forward_response(end == End::yes);
}

void PluginExchange::plugin_failed(const Error& error) {
  fault = error;
  leave();
}

}  // namespace mynah::story
