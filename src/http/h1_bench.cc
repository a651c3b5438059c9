// SPDX-License-Identifier: Apache-2.0
// What a head costs: finding its end, parsing it, writing it again.
#include <string>

#include <benchmark/benchmark.h>

#include "http/chunked.h"
#include "http/h1.h"

namespace mynah::http {
namespace {

constexpr std::string_view kRequest =
    "POST /v1/chat/completions HTTP/1.1\r\n"
    "Host: api.example.com\r\n"
    "User-Agent: OpenAI/Python 1.99.0\r\n"
    "Accept: application/json\r\n"
    "Accept-Encoding: gzip, deflate\r\n"
    "Content-Type: application/json\r\n"
    "Authorization: Bearer sk-0123456789abcdef0123456789abcdef0123456789abcdef\r\n"
    "X-Request-Id: 2f1c1a9e-6a0e-4d6f-9a52-0d8a3a6c0b11\r\n"
    "Content-Length: 289\r\n"
    "Connection: keep-alive\r\n\r\n";

void find_end(benchmark::State& state) {
  for (auto _ : state) {
    HeadSearch search;
    benchmark::DoNotOptimize(search.search(kRequest));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kRequest.size()));
}
BENCHMARK(find_end);

void parse(benchmark::State& state) {
  const MessageLimits limits;
  Headers headers;
  for (auto _ : state) {
    headers.clear();
    RequestHead head;
    benchmark::DoNotOptimize(parse_request_head(kRequest, "http", limits, headers, head));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kRequest.size()));
}
BENCHMARK(parse);

void write(benchmark::State& state) {
  Headers headers;
  RequestHead head;
  (void)parse_request_head(kRequest, "http", MessageLimits{}, headers, head);
  std::string out;
  for (auto _ : state) {
    out.clear();
    benchmark::DoNotOptimize(write_request_head(out, headers, {End::no}));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
}
BENCHMARK(write);

void decode_fifty_chunks(benchmark::State& state) {
  std::string body;
  for (int i = 0; i < 50; ++i) {
    char head[kChunkHeadMax];
    body.append(head, write_chunk_head(head, 180)).append(180, 'x').append("\r\n");
  }
  body.append("0\r\n\r\n");
  const MessageLimits limits;
  for (auto _ : state) {
    ChunkedDecoder decoder(limits);
    std::string_view left = body;
    while (decoder.decode(left) == ChunkedDecoder::Step::data)
      benchmark::DoNotOptimize(decoder.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(decode_fifty_chunks);

}  // namespace
}  // namespace mynah::http
