// SPDX-License-Identifier: Apache-2.0
// The phases of an exchange, what a plug-in answers to them, and the life of its contexts.
#include <string>

#include <gtest/gtest.h>

#include "wasm/machine_testing.h"

namespace mynah::wasm {
namespace {

class PhasesTest : public MachineTest {};

INSTANTIATE_TEST_SUITE_P(Forms, PhasesTest, testing::Values(Form::module, Form::native),
                         name_of_form);

TEST_P(PhasesTest, APhaseTellsItsSizesAndContinues) {
  start("");
  exchange.bodies[Direction::request].append(Slice::of_static("hello"));

  EXPECT_EQ(request_headers(), HeadersAction::continue_iteration);
  EXPECT_EQ(*stream->on_request_body(End::yes), BodyAction::continue_iteration);

  EXPECT_EQ(journal.take(), "request_headers 3 0\nrequest_body 5 1\n");
}

TEST_P(PhasesTest, APlugInAsksToBeRebuilt) {
  start("request_headers: set_property wasm_need_rebuild true\n");

  request_headers();

  EXPECT_TRUE(machine->wants_rebuild());
}

TEST_P(PhasesTest, ALocalResponseStopsWhateverThePhaseAnswers) {
  start("request_headers: local 403 denied x-why=rule\nrequest_headers: return 0\n");

  const HeadersAction action = request_headers();

  EXPECT_EQ(action, HeadersAction::stop_all_and_watermark);
  EXPECT_EQ(journal.take(),
            "request_headers 3 0\nlocal ok\nrespond 403 denied [x-why=rule] probe_answer\n");
}

TEST_P(PhasesTest, ALocalResponseWithAStatusThatIsNoneIsRefused) {
  start(
      "request_headers: local 99999 a\nrequest_headers: local 100 a\n"
      "request_headers: local 200 a x=%250D%250A\n");

  EXPECT_EQ(request_headers(), HeadersAction::continue_iteration);

  EXPECT_EQ(journal.take(), "request_headers 3 0\nlocal 2\nlocal 2\nlocal 2\n");
}

TEST_P(PhasesTest, TheFirstOfTwoLocalResponsesCounts) {
  start("request_headers: local 403 first\nrequest_headers: local 500 second\n");

  request_headers();

  EXPECT_EQ(journal.take(),
            "request_headers 3 0\nlocal ok\nlocal ok\nrespond 403 first [] probe_answer\n");
}

TEST_P(PhasesTest, AnExchangeMayEndWhileItsPhaseRuns) {
  start("request_headers: local 403 denied\n");
  exchange.on_respond = [this] { stream.reset(); };

  const auto action = stream->on_request_headers(End::no);

  EXPECT_EQ(*action, HeadersAction::stop_all_and_watermark);
  EXPECT_EQ(machine->streams(), 0u);
}

TEST_P(PhasesTest, AllActionsOfAPhaseArePassedOn) {
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

TEST_P(PhasesTest, AnAnswerOutOfRangeStops) {
  start("request_headers: return 77\nrequest_body: return 77\nrequest_trailers: return 77\n");

  EXPECT_EQ(request_headers(), HeadersAction::stop_all_and_watermark);
  EXPECT_EQ(*stream->on_request_body(End::no), BodyAction::stop_no_buffer);
  EXPECT_EQ(*stream->on_request_trailers(), TrailersAction::stop_iteration);
}

TEST_P(PhasesTest, ContinueInTheMidstOfAPhaseWinsOverItsStop) {
  start("request_headers: continue 0\nrequest_headers: return 1\n");

  EXPECT_EQ(request_headers(), HeadersAction::continue_iteration);
  EXPECT_EQ(journal.take(), "request_headers 3 0\ncontinue ok\n");
}

TEST_P(PhasesTest, AStoppedDirectionIsResumedFromATick) {
  start("request_headers: return 1\ntick: continue 0\n");
  ASSERT_EQ(request_headers(), HeadersAction::stop_iteration);

  ASSERT_TRUE(machine->on_tick(root).ok());
  ASSERT_TRUE(machine->on_tick(root).ok());

  EXPECT_EQ(journal.take(), "request_headers 3 0\ncontinue ok\nresume request\ncontinue ok\n");
}

TEST_P(PhasesTest, TheOlderNamesOfContinueWorkAlike) {
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

TEST_P(PhasesTest, AnExchangesFateIsDecidedFromItsPhases) {
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

TEST_P(PhasesTest, TimersAreNeverFasterThanTheLimit) {
  start("configure: tick 1\nconfigure: tick 100\nconfigure: tick 0\n");

  EXPECT_EQ(journal.take(),
            "tick every 10\ntick ok\ntick every 100\ntick ok\ntick every 0\ntick ok\n");
}

TEST_P(PhasesTest, AStreamEndsWithDoneLogAndDelete) {
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

TEST_P(PhasesTest, AStreamThatIsNotDoneOutlivesItsExchange) {
  start("request_headers: http backend\ndone: return 0\nhttp_reply: done\ndelete: time\n");
  request_headers();
  stream.reset();
  EXPECT_EQ(machine->streams(), 1u);
  journal.take();

  machine->on_http_reply(outside.last_call, {}).ignore();

  EXPECT_EQ(machine->streams(), 0u);
  EXPECT_EQ(journal.take(), "http_reply 1 0 0 0\ndone ok\ntime ok 1700000000000000000\n");
}

TEST_P(PhasesTest, AStreamThatIsNeverDoneIsEndedAfterAWhile) {
  start("done: return 0\n");
  request_headers();
  stream.reset();
  outside.time.advance(settings.limits.unfinished_time);

  machine->on_tick(root).ignore();

  EXPECT_EQ(machine->streams(), 0u);
}

TEST_P(PhasesTest, ARefusedConfigurationLeavesTheMachineUsable) {
  start("");

  const auto refused = machine->configure("other", "configure: return 0\n");

  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Errc::invalid_argument);
  EXPECT_EQ(request_headers(), HeadersAction::continue_iteration);
}

TEST_P(PhasesTest, ARefusedStartSaysWhoRefused) {
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

TEST_P(PhasesTest, AStreamOfAnUnknownRootIsRefused) {
  start("");

  Stream lost(*machine, root + 1, exchange);

  EXPECT_EQ(lost.on_request_headers(End::no).error().code, Errc::not_found);
}

TEST_P(PhasesTest, StreamsAreLimited) {
  settings.limits.streams = 1;
  start("");

  Stream second(*machine, root, exchange);

  EXPECT_EQ(second.on_request_headers(End::no).error().code, Errc::exhausted);
}

}  // namespace
}  // namespace mynah::wasm
