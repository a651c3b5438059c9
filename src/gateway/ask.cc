// SPDX-License-Identifier: Apache-2.0
// Sends, then reads to the end, while a clock runs beside it.
#include "gateway/ask.h"

#include <optional>
#include <utility>
#include <variant>

#include "aio/timer.h"
#include "base/text.h"

namespace mynah {
namespace {

Task<Result<Answer>> ask_on(http::ClientStream& stream, std::size_t bytes_max) {
  Answer answer;
  MYNAH_CO_LET(answer.head, co_await stream.response());
  answer.status = parse_number<int>(answer.head.value_or(":status", "0")).value_or(0);
  bool ended = stream.response_ended();
  while (!ended) {
    MYNAH_CO_LET(http::Piece piece, co_await stream.read());
    answer.body.append(std::move(piece.bytes));
    if (answer.body.size() > bytes_max)
      co_return Error{Errc::too_large, cat("the answer has over ", bytes_max, " bytes")};
    ended = piece.end == http::End::yes;
  }
  answer.trailers = stream.trailers();
  co_return answer;
}

Task<Result<Answer>> ask_whole(Upstream& upstream, Question question, std::size_t bytes_max,
                               std::optional<Lease>& lease) {
  MYNAH_CO_LET(Lease opened, co_await upstream.open(0, {}, {}));
  lease.emplace(std::move(opened));
  MYNAH_CO_OK(co_await send_whole(upstream, *lease->stream, std::move(question)));
  co_return co_await ask_on(*lease->stream, bytes_max);
}

Task<> expire(Loop& loop, Instant deadline) { co_await Sleep(loop, deadline); }

}  // namespace

Task<Status> send_whole(const Upstream& upstream, http::ClientStream& stream, Question question) {
  Headers& head = question.head;
  head.set(":scheme", upstream.tls() == nullptr ? "http" : "https");
  head.remove("content-length");
  if (!question.body.empty()) head.add("content-length", std::to_string(question.body.size()));
  const bool trailers = !question.trailers.empty();
  const bool only_head = question.body.empty() && !trailers;
  MYNAH_CO_OK(co_await stream.send(head, only_head ? http::End::yes : http::End::no));
  while (!question.body.empty()) {
    Slice piece = question.body.take_slice();
    const bool last = question.body.empty() && !trailers;
    MYNAH_CO_OK(co_await stream.write(std::move(piece), last ? http::End::yes : http::End::no));
  }
  if (trailers) MYNAH_CO_OK(co_await stream.finish(question.trailers));
  co_return ok();
}

Task<Result<Answer>> ask(Upstream& upstream, Question question, AskLimits limits) {
  Loop& loop = upstream.loop();
  std::optional<Lease> lease;
  auto outcome = co_await any(ask_whole(upstream, std::move(question), limits.answer_bytes, lease),
                              expire(loop, loop.now() + limits.time));
  auto* const answer = std::get_if<0>(&outcome);
  if (lease) {
    const auto broken = answer != nullptr ? Report::broke_off : Report::timed_out;
    lease->report(answer != nullptr && *answer ? Report::answered : broken);
  }
  if (answer == nullptr)
    co_return Error{Errc::timeout, cat("no whole answer of service ", upstream.service().name)};
  co_return std::move(*answer);
}

}  // namespace mynah
