// SPDX-License-Identifier: Apache-2.0
// Calls to services over HTTP, Redis and gRPC, and their answers.
#include <string>

#include <gtest/gtest.h>

#include "wasm/machine_testing.h"

namespace mynah::wasm {
namespace {

class CallsTest : public MachineTest {};

INSTANTIATE_TEST_SUITE_P(Forms, CallsTest, testing::Values(Form::module, Form::native),
                         name_of_form);

TEST_P(CallsTest, ACallsAnswerReachesThePlugInWithItsHeadersAndBody) {
  start(
      "request_headers: http backend :method=POST,:path=/x,:authority=b data\n"
      "request_headers: return 4\n"
      "http_reply: get 6 :status\n"
      "http_reply: pairs 7\n"
      "http_reply: buffer 4 0 100\n"
      "http_reply: put 4 0 0 x\n"
      "http_reply: get 0 :path\n"
      "http_reply: continue 0\n");
  ASSERT_EQ(request_headers(), HeadersAction::stop_all_and_watermark);
  EXPECT_EQ(machine->calls_in_flight(), 1u);
  HttpReply reply;
  reply.headers.add(":status", "200");
  reply.body.append(Slice::of_static("answer"));
  reply.trailers.add("t", "1");

  ASSERT_TRUE(machine->on_http_reply(outside.last_call, std::move(reply)).ok());

  EXPECT_EQ(machine->calls_in_flight(), 0u);
  EXPECT_EQ(
      journal.take(),
      "request_headers 3 0\n"
      "http call to backend [:method=POST,:path=/x,:authority=b] data within 1000\nhttp ok 1\n"
      "http_reply 1 1 6 1\nget ok 200\npairs ok t=1\nbuffer ok answer\nput 2\nget ok /chat\n"
      "continue ok\nresume request\n");
}

TEST_P(CallsTest, ALocalResponseMayComeFromACallsAnswer) {
  start("request_headers: http backend\nrequest_headers: return 1\nhttp_reply: local 502 down\n");
  request_headers();

  ASSERT_TRUE(machine->on_http_reply(outside.last_call, {}).ok());

  EXPECT_TRUE(journal.contains("respond 502 down"));
}

TEST_P(CallsTest, AnAnswerAfterTheClientHasGoneHarmsNobody) {
  start("request_headers: http backend\nrequest_headers: return 1\nhttp_reply: get 0 :path\n");
  request_headers();
  stream.reset();
  journal.take();

  ASSERT_TRUE(machine->on_http_reply(outside.last_call, {}).ok());
  ASSERT_TRUE(machine->on_http_reply(outside.last_call, {}).ok());

  EXPECT_EQ(journal.take(), "http_reply 1 0 0 0\nget 2\n");
}

TEST_P(CallsTest, CallsThatCannotBeMadeAreRefusedAtOnce) {
  settings.limits.calls_in_flight = 1;
  start(
      "request_headers: http nowhere\n"
      "request_headers: http backend :method=GET,:path=/\n"
      "request_headers: http backend\n"
      "request_headers: http backend\n");

  request_headers();

  EXPECT_EQ(journal.take(),
            "request_headers 3 0\n[3] the call is refused: no such service\nhttp 2 0\nhttp 2 0\n"
            "http call to backend [:method=GET,:path=/,:authority=probe]  within 1000\n"
            "http ok 2\n[3] the call is refused: too many calls in flight\nhttp 10 0\n");
}

TEST_P(CallsTest, RedisIsAddressedWithItsOptions) {
  start(
      "configure: redis_init redis.static?db=3&buffer_flush_timeout=3\n"
      "request_headers: redis redis.static *1%0D%0A\n"
      "redis_reply: buffer 9 0 100\n");
  request_headers();

  ASSERT_TRUE(
      machine->on_redis_reply(outside.last_call, 0, SliceChain(Slice::of_static("$-1"))).ok());

  EXPECT_EQ(journal.take(),
            "redis redis.static db 3 user user\nredis_init ok\nrequest_headers 3 0\n"
            "redis call to redis.static *1\r\n\nredis ok 1\nredis_reply 1 0 3\nbuffer ok $-1\n");
}

TEST_P(CallsTest, ACallThatIsAnsweredAtOnceNeedsNoPause) {
  start("request_headers: redis cache *1\nrequest_headers: return 4\nredis_reply: continue 0\n");
  outside.answer_redis_at_once = machine.get();

  const HeadersAction action = request_headers();

  EXPECT_EQ(action, HeadersAction::continue_iteration);
  EXPECT_EQ(journal.take(),
            "request_headers 3 0\nredis call to cache *1\nredis ok 1\nredis_reply 1 0 3\n"
            "continue ok\n");
}

TEST_P(CallsTest, AGrpcCallHasOneAnswer) {
  start("request_headers: grpc backend\ngrpc_message: buffer 5 0 10\n");
  request_headers();

  ASSERT_TRUE(
      machine->on_grpc_message(outside.last_call, SliceChain(Slice::of_static("pong"))).ok());

  EXPECT_EQ(machine->calls_in_flight(), 0u);
  EXPECT_EQ(journal.take(),
            "request_headers 3 0\ngrpc call to backend a.B/C hi\ngrpc ok 1\n"
            "grpc_message 1 4\nbuffer ok pong\n");
}

TEST_P(CallsTest, AGrpcStreamGoesThroughAllItsEvents) {
  start(
      "request_headers: grpc_stream backend\nrequest_headers: grpc_send 1 ping 1\n"
      "request_headers: grpc_send 9 ping 1\n"
      "grpc_initial: pairs 4\ngrpc_trailing: pairs 5\ngrpc_close: status\n"
      "grpc_message: grpc_close 1\n");
  request_headers();
  Headers metadata;
  metadata.add("a", "1");

  machine->on_grpc_initial_metadata(outside.last_call, metadata).ignore();
  machine->on_grpc_message(outside.last_call, SliceChain(Slice::of_static("pong"))).ignore();
  machine->on_grpc_trailing_metadata(outside.last_call, metadata).ignore();
  machine->on_grpc_close(outside.last_call, 14, "gone").ignore();

  EXPECT_EQ(machine->calls_in_flight(), 0u);
  EXPECT_EQ(journal.take(),
            "request_headers 3 0\ngrpc stream to backend a.B/C\ngrpc_stream ok 1\n"
            "grpc sends ping end\ngrpc_send ok\ngrpc_send 1\ngrpc_initial 1 1\npairs ok a=1\n"
            "grpc_message 1 4\ngrpc closes\ngrpc_close ok\ngrpc_trailing 1 1\npairs ok a=1\n"
            "grpc_close 1 14\nstatus ok 14 gone\n");
}

}  // namespace
}  // namespace mynah::wasm
