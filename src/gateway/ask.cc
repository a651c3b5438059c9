// SPDX-License-Identifier: Apache-2.0
// Sends, then reads to the end; a timer cuts the stream when it takes too long.
#include "gateway/ask.h"

#include <utility>

#include "aio/timer.h"
#include "base/text.h"

namespace mynah {
namespace {

Task<Result<Answer>> ask_on(http::ClientStream& stream, Question question, std::size_t bytes_max) {
  const auto end = question.body.empty() ? http::End::yes : http::End::no;
  MYNAH_CO_OK(co_await stream.send(question.head, end));
  if (!question.body.empty())
    MYNAH_CO_OK(co_await stream.write(Slice::of(std::move(question.body)), http::End::yes));
  Answer answer;
  MYNAH_CO_LET(answer.head, co_await stream.response());
  answer.status = parse_number<int>(answer.head.value_or(":status", "0")).value_or(0);
  bool ended = stream.response_ended();
  while (!ended) {
    MYNAH_CO_LET(const http::Piece piece, co_await stream.read());
    if (answer.body.size() + piece.bytes.size() > bytes_max)
      co_return Error{Errc::too_large, cat("the answer has over ", bytes_max, " bytes")};
    answer.body += piece.bytes.view();
    ended = piece.end == http::End::yes;
  }
  co_return answer;
}

}  // namespace

Task<Result<Answer>> ask(Upstream& upstream, Question question, AskLimits limits) {
  question.head.set(":scheme", upstream.tls() == nullptr ? "http" : "https");
  question.head.set("content-length", std::to_string(question.body.size()));
  const Instant deadline = upstream.loop().now() + limits.time;
  MYNAH_CO_LET(Lease lease, co_await upstream.open(0, {}, {}));
  bool late = false;
  struct Cut {
    http::ClientStream& stream;
    bool& late;
  } cut{*lease.stream, late};
  Timer limit(
      [](void* what) {
        auto& cutting = *static_cast<Cut*>(what);
        cutting.late = true;
        cutting.stream.abort();
      },
      &cut);
  limit.arm(upstream.loop().timers(), deadline);
  auto answer = co_await ask_on(*lease.stream, std::move(question), limits.answer_bytes);
  if (late) {
    lease.report(Report::timed_out);
    co_return Error{Errc::timeout, cat("no whole answer of service ", upstream.service().name)};
  }
  lease.report(answer ? Report::answered : Report::broke_off);
  co_return answer;
}

}  // namespace mynah
