// SPDX-License-Identifier: Apache-2.0
// Frames of messages, and how calls end.
#include "gateway/grpc.h"

#include <gtest/gtest.h>

namespace mynah {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

std::string framed(std::string_view message) {
  return grpc_prefix(message.size()) + std::string(message);
}

TEST(GrpcTest, AMessageStandsBehindItsLength) {
  EXPECT_EQ(grpc_prefix(0x01020304), "\0\x01\x02\x03\x04"s);
}

TEST(GrpcTest, MessagesAreCutOutOfWhateverPiecesCome) {
  const std::string bytes = framed("one") + framed("") + framed("three");
  GrpcMessages messages(100);
  std::string found;

  for (const char byte : bytes) {
    messages.feed(Slice::copy_of({&byte, 1}));
    const auto message = messages.next();
    ASSERT_TRUE(message.ok());
    if (*message) found += "[" + (*message)->copy() + "]";
  }

  EXPECT_EQ(found, "[one][][three]");
  EXPECT_EQ(messages.left(), 0u);
}

TEST(GrpcTest, AMessageOverTheLimitIsRefusedBeforeItHasCome) {
  GrpcMessages messages(4);
  messages.feed(Slice::of(grpc_prefix(5)));

  EXPECT_EQ(messages.next().error().code, Errc::too_large);
}

TEST(GrpcTest, ACompressedMessageIsRefused) {
  GrpcMessages messages(100);
  messages.feed(Slice::of("\x01\0\0\0\x01x"s));

  EXPECT_EQ(messages.next().error().code, Errc::unsupported);
}

TEST(GrpcTest, TrailersTellHowACallEnded) {
  Headers trailers;
  trailers.add("grpc-status", "5");
  trailers.add("grpc-message", "no%20such%20thing");

  const auto ending = grpc_ending(trailers);

  ASSERT_TRUE(ending);
  EXPECT_EQ(ending->status, 5u);
  EXPECT_EQ(ending->message, "no such thing");
}

TEST(GrpcTest, TrailersWithoutAStatusTellNothing) { EXPECT_FALSE(grpc_ending(Headers())); }

TEST(GrpcTest, AStatusThatIsNoNumberIsUnknown) {
  Headers trailers;
  trailers.add("grpc-status", "fine");

  EXPECT_EQ(grpc_ending(trailers)->status, 2u);
}

TEST(GrpcTest, AMessageThatIsNotEncodedStaysAsItIs) {
  Headers trailers;
  trailers.add("grpc-status", "13");
  trailers.add("grpc-message", "100% wrong");

  EXPECT_EQ(grpc_ending(trailers)->message, "100% wrong");
}

TEST(GrpcTest, AnAnswerThatIsNoGrpcHasAStatusAllTheSame) {
  EXPECT_EQ(grpc_ending_of_http(503).status, 14u);
  EXPECT_EQ(grpc_ending_of_http(404).status, 12u);
  EXPECT_EQ(grpc_ending_of_http(500).status, 2u);
}

TEST(GrpcTest, ATimeoutHasAtMostEightDigits) {
  EXPECT_EQ(grpc_timeout(1500ms), "1500m");
  EXPECT_EQ(grpc_timeout(100'000'000ms), "100000S");
}

}  // namespace
}  // namespace mynah
