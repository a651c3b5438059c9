// SPDX-License-Identifier: Apache-2.0
// Goal: chunked bodies are decoded alike however they are cut, and whatever is malformed is
// refused. Method: golden file, each case whole and byte by byte.
#include "http/chunked.h"

#include <string>

#include <gtest/gtest.h>

#include "http/golden_testing.h"
#include "http/h1.h"

namespace mynah::http {
namespace {

std::string decode(std::string_view bytes, std::size_t at_once) {
  const MessageLimits limits;
  ChunkedDecoder decoder(limits);
  std::string body;
  while (!bytes.empty()) {
    std::string_view piece = bytes.substr(0, at_once);
    const std::size_t given = piece.size();
    const auto step = decoder.decode(piece);
    bytes.remove_prefix(given - piece.size());
    if (step == ChunkedDecoder::Step::data) body += decoder.data();
    if (step == ChunkedDecoder::Step::refused) return std::string(name_of(decoder.refusal()));
    if (step != ChunkedDecoder::Step::end) continue;
    std::string text = body.empty() ? "ok" : "ok " + body;
    for (const auto& [name, value] : decoder.trailers()) {
      text.append(" (").append(name).append(": ").append(value).append(")");
    }
    if (!bytes.empty()) text.append(" +").append(bytes);
    return text;
  }
  return "unfinished";
}

TEST(ChunkedDecoder, EachGoldenCaseIsTakenOrRefusedAsExpected) {
  for (const GoldenCase& golden : read_golden("chunked.txt")) {
    EXPECT_EQ(decode(golden.bytes, golden.bytes.size()), golden.expected)
        << "line " << golden.line << ": " << golden.about;
  }
}

TEST(ChunkedDecoder, DecodesTheSameByteByByte) {
  for (const GoldenCase& golden : read_golden("chunked.txt")) {
    EXPECT_EQ(decode(golden.bytes, 1), golden.expected)
        << "line " << golden.line << ": " << golden.about;
  }
}

TEST(ChunkedDecoder, ACutBodyIsNotComplete) {
  const std::string whole = "5\r\nhello\r\n0\r\nX: y\r\n\r\n";
  for (std::size_t size = 1; size < whole.size(); ++size) {
    EXPECT_EQ(decode(std::string_view(whole).substr(0, size), 3), "unfinished") << size;
  }
}

TEST(ChunkHead, IsSmallHexadecimal) {
  const auto head = [](std::uint64_t size) {
    char room[kChunkHeadMax];
    return std::string(room, write_chunk_head(room, size));
  };
  EXPECT_EQ(head(0), "0\r\n");
  EXPECT_EQ(head(1), "1\r\n");
  EXPECT_EQ(head(15), "f\r\n");
  EXPECT_EQ(head(16), "10\r\n");
  EXPECT_EQ(head(0x12ab), "12ab\r\n");
  EXPECT_EQ(head(UINT64_MAX), "ffffffffffffffff\r\n");
}

TEST(LastChunk, CarriesOnlyTrailersThatMayStandThere) {
  Headers trailers;
  trailers.add("x-sum", "1");
  trailers.add("content-length", "3");
  trailers.add("x-bad", "a\r\nb: c");
  std::string out;

  write_last_chunk(out, trailers);

  EXPECT_EQ(out, "0\r\nx-sum: 1\r\n\r\n");
}

}  // namespace
}  // namespace mynah::http
