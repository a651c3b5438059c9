// SPDX-License-Identifier: Apache-2.0
// The host functions and the phases, by a plug-in that does what its configuration says
// (testdata/probe_testing.cc). Every test runs twice: with the plug-in as WebAssembly, and with the
// same source linked into this process.
#include "wasm/machine.h"

#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "wasm/world_testing.h"

namespace mynah::wasm {
namespace {

using abi::BodyAction;
using abi::HeadersAction;
using abi::MapType;
using abi::TrailersAction;

enum class Form { module, native };

class MachineTest : public testing::TestWithParam<Form> {
 protected:
  MachineTest() {
    settings.name = "probe";
    settings.version = "1.0.0";
    settings.vm_id = "vm";
    Headers& request = exchange.maps[MapType::request_headers];
    request.add(":method", "POST");
    request.add(":path", "/chat");
    request.add("user-agent", "test");
  }

  // Makes a machine with one root whose script that is.
  void start(const std::string& script) {
    auto made = GetParam() == Form::module
                    ? Machine::start(test_module("probe"), settings, outside, {data, queues})
                    : Machine::start(native_probe(), settings, outside, {data, queues});
    ASSERT_TRUE(made.ok()) << made.error().what;
    machine = *std::move(made);
    const auto configured = machine->configure("root", script);
    ASSERT_TRUE(configured.ok()) << configured.error().what;
    root = *configured;
    stream.emplace(*machine, root, exchange);
  }

  HeadersAction request_headers(End end = End::no) {
    return stream->on_request_headers(end).value_or(HeadersAction::continue_and_end_stream);
  }

  Journal journal;
  TestOutside outside{journal};
  TestExchange exchange{journal};
  SharedData data;
  SharedQueues queues;
  MachineSettings settings;
  std::unique_ptr<Machine> machine;
  RootId root = 0;
  std::optional<Stream> stream;
};

INSTANTIATE_TEST_SUITE_P(Forms, MachineTest, testing::Values(Form::module, Form::native),
                         [](const auto& form) {
                           return form.param == Form::module ? "module" : "native";
                         });

TEST_P(MachineTest, APhaseTellsItsSizesAndContinues) {
  start("");
  exchange.bodies[Direction::request].append(Slice::of_static("hello"));

  EXPECT_EQ(request_headers(), HeadersAction::continue_iteration);
  EXPECT_EQ(*stream->on_request_body(End::yes), BodyAction::continue_iteration);

  EXPECT_EQ(journal.take(), "request_headers 3 0\nrequest_body 5 1\n");
}

TEST_P(MachineTest, HeadersAreReadAndChanged) {
  start(
      "request_headers: get 0 :path\n"
      "request_headers: get 0 User-Agent\n"
      "request_headers: get 0 absent\n"
      "request_headers: add 0 X-New one\n"
      "request_headers: replace 0 user-agent probe\n"
      "request_headers: replace 0 :path /other\n"
      "request_headers: remove 0 absent\n"
      "request_headers: pairs 0\n"
      "request_headers: size 0\n");

  request_headers();

  EXPECT_EQ(journal.take(),
            "request_headers 3 0\nget ok /chat\nget ok test\nget 1\nchanged 0\nadd ok\nchanged 0\n"
            "replace ok\nchanged 0\nreplace ok\nremove ok\n"
            "pairs ok :method=POST,:path=/other,user-agent=probe,x-new=one\nsize ok 45\n");
}

TEST_P(MachineTest, HeadersThatWouldSplitAMessageAreRefused) {
  start(
      "request_headers: add 0 x-a b%0D%0Ac:d\n"
      "request_headers: add 0 x%20a b\n"
      "request_headers: replace 0 :path /a%20b\n"
      "request_headers: replace 0 :status 200\n"
      "request_headers: remove 0 :path\n"
      "request_headers: set 0 x-a=b%0A\n"
      "request_headers: add 0 :unknown x\n");

  request_headers();

  EXPECT_EQ(journal.take(),
            "request_headers 3 0\nadd 2\nadd 2\nreplace 2\nreplace 2\nremove 2\nset 2\nadd 2\n");
}

TEST_P(MachineTest, ReplacingAllHeadersKeepsThePseudoFieldsThatWereLeftOut) {
  start("request_headers: set 0 :path=/new,x-only=1\n");

  request_headers();

  const Headers& headers = exchange.maps[MapType::request_headers];
  EXPECT_EQ(headers.value_or(":path", ""), "/new");
  EXPECT_EQ(headers.value_or(":method", ""), "POST");
  EXPECT_EQ(headers.value_or("x-only", ""), "1");
  EXPECT_FALSE(headers.has("user-agent"));
}

TEST_P(MachineTest, AMapThatIsNotThereIsABadArgument) {
  start("request_headers: get 2 :status\nrequest_headers: pairs 2\nrequest_headers: get 6 a\n");

  request_headers();

  EXPECT_EQ(journal.take(), "request_headers 3 0\nget 2\npairs 2\nget 2\n");
}

TEST_P(MachineTest, ABodyIsReadInPartsAndChangedAnywhere) {
  start(
      "request_body: buffer 0 0 5\n"
      "request_body: buffer 0 6 100\n"
      "request_body: buffer 0 50 10\n"
      "request_body: buffer 0 1 4294967295\n"
      "request_body: length 0\n"
      "request_body: put 0 0 0 >\n"
      "request_body: put 0 12 0 <\n"
      "request_body: put 0 1 5 HELLO\n"
      "request_body: put 0 100 1 x\n"
      "request_body: buffer 0 0 100\n"
      "request_body: buffer 1 0 1\n");
  SliceChain& body = exchange.bodies[Direction::request];
  body.append(Slice::of_static("hello "));
  body.append(Slice::of_static("world"));

  stream->on_request_body(End::yes).ignore();

  EXPECT_EQ(journal.take(),
            "request_body 11 1\nbuffer ok hello\nbuffer ok world\nbuffer ok\nbuffer 2\n"
            "length ok 11\nput ok\nput ok\nput ok\nput 2\nbuffer ok >HELLO world<\nbuffer 1\n");
}

TEST_P(MachineTest, AWholeBodyIsReplacedWithTheLargestCount) {
  start("response_body: put 1 0 4294967295 short\n");
  exchange.bodies[Direction::response].append(Slice::of_static("a long body"));

  stream->on_response_body(End::yes).ignore();

  EXPECT_EQ(exchange.bodies[Direction::response].copy(), "short");
}

TEST_P(MachineTest, PropertiesHaveTheirEncodings) {
  start(
      "request_headers: property route_name\n"
      "request_headers: property request.total_size\n"
      "request_headers: property plugin_name\n"
      "request_headers: property plugin_root_id\n"
      "request_headers: property absent\n"
      "request_headers: property -\n"
      "request_headers: set_property my.key value\n"
      "request_headers: property my.key\n"
      "tick: property node.id\n");
  exchange.properties["route_name"] = std::string("chat");
  exchange.properties["request.total_size"] = std::int64_t{0x41};

  request_headers();

  EXPECT_EQ(journal.take(), std::string("request_headers 3 0\nproperty ok chat\nproperty ok A") +
                                std::string(7, '\0') +
                                "\nproperty ok probe\nproperty ok root\nproperty 1\nproperty 2\n"
                                "set_property ok\nproperty ok value\n");
}

TEST_P(MachineTest, APlugInAsksToBeRebuilt) {
  start("request_headers: set_property wasm_need_rebuild true\n");

  request_headers();

  EXPECT_TRUE(machine->wants_rebuild());
}

TEST_P(MachineTest, ALocalResponseStopsWhateverThePhaseAnswers) {
  start("request_headers: local 403 denied x-why=rule\nrequest_headers: return 0\n");

  const HeadersAction action = request_headers();

  EXPECT_EQ(action, HeadersAction::stop_all_and_watermark);
  EXPECT_EQ(journal.take(),
            "request_headers 3 0\nlocal ok\nrespond 403 denied [x-why=rule] probe_answer\n");
}

TEST_P(MachineTest, ALocalResponseWithAStatusThatIsNoneIsRefused) {
  start(
      "request_headers: local 99999 a\nrequest_headers: local 100 a\n"
      "request_headers: local 200 a x=%250D%250A\n");

  EXPECT_EQ(request_headers(), HeadersAction::continue_iteration);

  EXPECT_EQ(journal.take(), "request_headers 3 0\nlocal 2\nlocal 2\nlocal 2\n");
}

TEST_P(MachineTest, TheFirstOfTwoLocalResponsesCounts) {
  start("request_headers: local 403 first\nrequest_headers: local 500 second\n");

  request_headers();

  EXPECT_EQ(journal.take(),
            "request_headers 3 0\nlocal ok\nlocal ok\nrespond 403 first [] probe_answer\n");
}

TEST_P(MachineTest, AnExchangeMayEndWhileItsPhaseRuns) {
  start("request_headers: local 403 denied\n");
  exchange.on_respond = [this] { stream.reset(); };

  const auto action = stream->on_request_headers(End::no);

  EXPECT_EQ(*action, HeadersAction::stop_all_and_watermark);
  EXPECT_EQ(machine->streams(), 0u);
}

TEST_P(MachineTest, AllActionsOfAPhaseArePassedOn) {
  for (std::uint32_t answer = 0; answer <= 4; ++answer) {
    start("request_headers: return " + std::to_string(answer) + "\n");
    EXPECT_EQ(request_headers(), static_cast<HeadersAction>(answer));
    stream.reset();
  }
  for (std::uint32_t answer = 0; answer <= 3; ++answer) {
    start("response_body: return " + std::to_string(answer) + "\n");
    EXPECT_EQ(*stream->on_response_body(End::no), static_cast<BodyAction>(answer));
    stream.reset();
  }
  for (std::uint32_t answer = 0; answer <= 1; ++answer) {
    start("response_trailers: return " + std::to_string(answer) + "\n");
    EXPECT_EQ(*stream->on_response_trailers(), static_cast<TrailersAction>(answer));
    stream.reset();
  }
}

TEST_P(MachineTest, AnAnswerOutOfRangeStops) {
  start("request_headers: return 77\nrequest_body: return 77\nrequest_trailers: return 77\n");

  EXPECT_EQ(request_headers(), HeadersAction::stop_all_and_watermark);
  EXPECT_EQ(*stream->on_request_body(End::no), BodyAction::stop_no_buffer);
  EXPECT_EQ(*stream->on_request_trailers(), TrailersAction::stop_iteration);
}

TEST_P(MachineTest, ContinueInTheMidstOfAPhaseWinsOverItsStop) {
  start("request_headers: continue 0\nrequest_headers: return 1\n");

  EXPECT_EQ(request_headers(), HeadersAction::continue_iteration);
  EXPECT_EQ(journal.take(), "request_headers 3 0\ncontinue ok\n");
}

TEST_P(MachineTest, AStoppedDirectionIsResumedFromATick) {
  start("request_headers: return 1\ntick: continue 0\n");
  ASSERT_EQ(request_headers(), HeadersAction::stop_iteration);

  ASSERT_TRUE(machine->on_tick(root).ok());
  ASSERT_TRUE(machine->on_tick(root).ok());

  EXPECT_EQ(journal.take(), "request_headers 3 0\ncontinue ok\nresume request\ncontinue ok\n");
}

TEST_P(MachineTest, TheOlderNamesOfContinueWorkAlike) {
  start(
      "request_headers: return 1\nresponse_headers: return 1\n"
      "tick: continue_request\ntick: continue_response\n");
  request_headers();
  stream->on_response_headers(End::no).ignore();

  machine->on_tick(root).ignore();

  EXPECT_EQ(journal.take(),
            "request_headers 3 0\nresponse_headers 0 0\ncontinue_request ok\n"
            "continue_response ok\nresume request\nresume response\n");
}

TEST_P(MachineTest, ACallsAnswerReachesThePlugInWithItsHeadersAndBody) {
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

TEST_P(MachineTest, ALocalResponseMayComeFromACallsAnswer) {
  start("request_headers: http backend\nrequest_headers: return 1\nhttp_reply: local 502 down\n");
  request_headers();

  ASSERT_TRUE(machine->on_http_reply(outside.last_call, {}).ok());

  EXPECT_TRUE(journal.contains("respond 502 down"));
}

TEST_P(MachineTest, AnAnswerAfterTheClientHasGoneHarmsNobody) {
  start("request_headers: http backend\nrequest_headers: return 1\nhttp_reply: get 0 :path\n");
  request_headers();
  stream.reset();
  journal.take();

  ASSERT_TRUE(machine->on_http_reply(outside.last_call, {}).ok());
  ASSERT_TRUE(machine->on_http_reply(outside.last_call, {}).ok());

  EXPECT_EQ(journal.take(), "http_reply 1 0 0 0\nget 2\n");
}

TEST_P(MachineTest, CallsThatCannotBeMadeAreRefusedAtOnce) {
  settings.limits.calls_in_flight = 1;
  start(
      "request_headers: http nowhere\n"
      "request_headers: http backend :method=GET,:path=/\n"
      "request_headers: http backend\n"
      "request_headers: http backend\n");

  request_headers();

  EXPECT_EQ(journal.take(),
            "request_headers 3 0\nhttp 2 0\nhttp 2 0\n"
            "http call to backend [:method=GET,:path=/,:authority=probe]  within 1000\n"
            "http ok 2\nhttp 10 0\n");
}

TEST_P(MachineTest, RedisIsAddressedWithItsOptions) {
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

TEST_P(MachineTest, ACallThatIsAnsweredAtOnceNeedsNoPause) {
  start("request_headers: redis cache *1\nrequest_headers: return 4\nredis_reply: continue 0\n");
  outside.answer_redis_at_once = machine.get();

  const HeadersAction action = request_headers();

  EXPECT_EQ(action, HeadersAction::continue_iteration);
  EXPECT_EQ(journal.take(),
            "request_headers 3 0\nredis call to cache *1\nredis ok 1\nredis_reply 1 0 3\n"
            "continue ok\n");
}

TEST_P(MachineTest, AGrpcCallHasOneAnswer) {
  start("request_headers: grpc backend\ngrpc_message: buffer 5 0 10\n");
  request_headers();

  ASSERT_TRUE(
      machine->on_grpc_message(outside.last_call, SliceChain(Slice::of_static("pong"))).ok());

  EXPECT_EQ(machine->calls_in_flight(), 0u);
  EXPECT_EQ(journal.take(),
            "request_headers 3 0\ngrpc call to backend a.B/C hi\ngrpc ok 1\n"
            "grpc_message 1 4\nbuffer ok pong\n");
}

TEST_P(MachineTest, AGrpcStreamGoesThroughAllItsEvents) {
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

TEST_P(MachineTest, SharedDataIsComparedAndSwapped) {
  start(
      "request_headers: shared_get k\nrequest_headers: shared_set k one 0\n"
      "request_headers: shared_get k\nrequest_headers: shared_set k two 99\n"
      "request_headers: shared_set k two 1\nrequest_headers: shared_get k\n");

  request_headers();

  EXPECT_EQ(journal.take(),
            "request_headers 3 0\nshared_get 1  cas 0\nshared_set ok\nshared_get ok one cas 1\n"
            "shared_set 8\nshared_set ok\nshared_get ok two cas 2\n");
}

TEST_P(MachineTest, QueuesTellTheirListeners) {
  start(
      "configure: queue_open jobs\nrequest_headers: queue_find jobs\n"
      "request_headers: queue_find other\nrequest_headers: queue_send 1 first\n"
      "request_headers: queue_send 7 first\nqueue_ready: queue_take 1\nqueue_ready: queue_take 1\n"
      "queue_ready: queue_take 7\n");
  request_headers();

  ASSERT_TRUE(machine->on_queue_ready(root, 1).ok());

  EXPECT_EQ(journal.take(),
            "queue_open ok 1\nrequest_headers 3 0\nqueue_find ok 1\nqueue_find 1 0\n"
            "ready: queue 1\nqueue_send ok\nqueue_send 1\nqueue_ready 1\nqueue_take ok first\n"
            "queue_take 7\nqueue_take 1\n");
}

TEST_P(MachineTest, MetricsCountRiseAndFall) {
  start(
      "configure: metric 0 requests\nconfigure: metric 1 open\nconfigure: metric 2 latency\n"
      "configure: metric 0 requests\nconfigure: metric 1 requests\nconfigure: metric 3 none\n"
      "request_headers: metric_add 1 5\nrequest_headers: metric_add 1 -1\n"
      "request_headers: metric_add 2 -1\nrequest_headers: metric_set 2 40\n"
      "request_headers: metric_add 3 1\nrequest_headers: metric_set 3 9\n"
      "request_headers: metric_get 1\nrequest_headers: metric_get 2\n"
      "request_headers: metric_get 3\nrequest_headers: metric_get 9\n");
  journal.take();

  request_headers();

  EXPECT_EQ(journal.take(),
            "request_headers 3 0\nmetric_add ok\nmetric_add 2\nmetric_add ok\nmetric_set ok\n"
            "metric_add 2\nmetric_set ok\nmetric_get ok 5\nmetric_get ok 40\nmetric_get 2 0\n"
            "metric_get 1 0\n");
}

TEST_P(MachineTest, ForeignFunctionsAreKnownHereOrOutside) {
  start(
      "request_headers: foreign get_log_level\n"
      "request_headers: foreign set_global_max_requests_per_io_cycle 12345678\n"
      "request_headers: foreign mynah.test hello\nrequest_headers: foreign unknown\n"
      "response_headers: foreign inject_encoded_data_to_filter_chain_on_header %0A%02hi%10%01\n"
      "response_headers: foreign inject_encoded_data_to_filter_chain_on_header %0A%7Fhi\n");

  request_headers();
  stream->on_response_headers(End::no).ignore();

  EXPECT_EQ(journal.take(),
            "request_headers 3 0\nforeign ok 4 bytes\nforeign ok 0 bytes\n"
            "foreign mynah.test hello\nforeign ok 6 bytes\nforeign 1 0 bytes\n"
            "response_headers 0 0\nforeign ok 0 bytes\nforeign 2 0 bytes\ninject hi end\n");
}

TEST_P(MachineTest, AnExchangesFateIsDecidedFromItsPhases) {
  start(
      "request_headers: clear_route\nrequest_headers: hosts\n"
      "request_headers: host 10.0.0.1:80\nresponse_body: inject more 0\nresponse_body: inject - 1\n"
      "request_body: close 0\nrequest_body: continue 2\nrequest_body: continue 9\n"
      "request_body: effective_bad\n");

  request_headers();
  stream->on_response_body(End::no).ignore();
  const auto action = stream->on_request_body(End::no);

  EXPECT_EQ(*action, BodyAction::stop_no_buffer);
  EXPECT_EQ(journal.take(),
            "request_headers 3 0\nroute cleared\nclear_route ok\nhosts ok 10.0.0.1:80={}\n"
            "upstream host 10.0.0.1:80\nhost ok\nresponse_body 0 0\ninject ok\ninject ok\n"
            "inject more\ninject  end\nrequest_body 0 0\nclose ok\ncontinue 12\ncontinue 2\n"
            "effective 2\nreset request\n");
}

TEST_P(MachineTest, TimersAreNeverFasterThanTheLimit) {
  start("configure: tick 1\nconfigure: tick 100\nconfigure: tick 0\n");

  EXPECT_EQ(journal.take(),
            "tick every 10\ntick ok\ntick every 100\ntick ok\ntick every 0\ntick ok\n");
}

TEST_P(MachineTest, TheLogHasLevelsAndALimit) {
  settings.limits.log_lines_a_second = 3;
  start(
      "request_headers: log 0 trace\nrequest_headers: log 4 error\nrequest_headers: log 9 none\n"
      "request_headers: log 3 three\nrequest_headers: log 3 four\nresponse_headers: level\n");
  request_headers();
  outside.time.advance(std::chrono::seconds(2));

  stream->on_response_headers(End::no).ignore();

  EXPECT_EQ(journal.take(),
            "request_headers 3 0\n[4] error\n[3] three\n"
            "[3] 1 log lines of the plug-in were dropped\nresponse_headers 0 0\nlevel ok 2\n");
}

TEST_P(MachineTest, TheTimeIsTheOutsides) {
  start("request_headers: time\n");

  request_headers();

  EXPECT_TRUE(journal.contains("time ok 1700000000000000000"));
}

TEST_P(MachineTest, AStreamEndsWithDoneLogAndDelete) {
  start(
      "done: get 0 :path\nlog: get 0 :path\nlog: pairs 3\nlog: set_property note x\n"
      "delete: get 0 :path\n");
  request_headers();
  journal.take();

  ASSERT_TRUE(stream->finish().ok());
  EXPECT_EQ(journal.take(), "get ok /chat\nget ok /chat\npairs ok\nset_property ok\n");
  stream.reset();

  EXPECT_EQ(journal.take(), "get 1\n");
  EXPECT_EQ(machine->streams(), 0u);
}

TEST_P(MachineTest, AStreamThatIsNotDoneOutlivesItsExchange) {
  start("request_headers: http backend\ndone: return 0\nhttp_reply: done\ndelete: time\n");
  request_headers();
  stream.reset();
  EXPECT_EQ(machine->streams(), 1u);
  journal.take();

  machine->on_http_reply(outside.last_call, {}).ignore();

  EXPECT_EQ(machine->streams(), 0u);
  EXPECT_EQ(journal.take(), "http_reply 1 0 0 0\ndone ok\ntime ok 1700000000000000000\n");
}

TEST_P(MachineTest, AStreamThatIsNeverDoneIsEndedAfterAWhile) {
  start("done: return 0\n");
  request_headers();
  stream.reset();
  outside.time.advance(settings.limits.unfinished_time);

  machine->on_tick(root).ignore();

  EXPECT_EQ(machine->streams(), 0u);
}

TEST_P(MachineTest, ARefusedConfigurationLeavesTheMachineUsable) {
  start("");

  const auto refused = machine->configure("other", "configure: return 0\n");

  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Errc::invalid_argument);
  EXPECT_EQ(request_headers(), HeadersAction::continue_iteration);
}

TEST_P(MachineTest, ARefusedStartSaysWhoRefused) {
  settings.vm_configuration = "vm_start: return 0\n";
  auto made = GetParam() == Form::module
                  ? Machine::start(test_module("probe"), settings, outside, {data, queues})
                  : Machine::start(native_probe(), settings, outside, {data, queues});
  ASSERT_TRUE(made.ok());

  const auto refused = (*made)->configure("root", "");

  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().what,
            "plug-in probe 1.0.0: proxy_on_vm_start refused its configuration");
}

TEST_P(MachineTest, AStreamOfAnUnknownRootIsRefused) {
  start("");

  Stream lost(*machine, root + 1, exchange);

  EXPECT_EQ(lost.on_request_headers(End::no).error().code, Errc::not_found);
}

TEST_P(MachineTest, StreamsAreLimited) {
  settings.limits.streams = 1;
  start("");

  Stream second(*machine, root, exchange);

  EXPECT_EQ(second.on_request_headers(End::no).error().code, Errc::exhausted);
}

TEST_P(MachineTest, BodiesAndHeadersHaveLimits) {
  settings.limits.body_bytes = 100;
  settings.limits.header_fields = 4;
  start(
      "request_headers: add 0 a 1\nrequest_headers: add 0 b 1\nrequest_headers: replace 0 c 1\n"
      "request_headers: replace 0 a 2\nrequest_body: fill 0 100\nrequest_body: fill 0 101\n");
  exchange.bodies[Direction::request].append(Slice::of_static("x"));
  request_headers();

  stream->on_request_body(End::no).ignore();

  EXPECT_EQ(journal.take(),
            "request_headers 3 0\nchanged 0\nadd ok\nadd 2\nreplace 2\nchanged 0\nreplace ok\n"
            "request_body 1 0\nfill ok\nfill 2\n");
}

}  // namespace
}  // namespace mynah::wasm
