// SPDX-License-Identifier: Apache-2.0
// What host functions do and answer.
#include <string>

#include <gtest/gtest.h>

#include "wasm/machine_testing.h"

namespace mynah::wasm {
namespace {

class HostFunctionsTest : public MachineTest {};

INSTANTIATE_TEST_SUITE_P(Forms, HostFunctionsTest, testing::Values(Form::module, Form::native),
                         name_of_form);

TEST_P(HostFunctionsTest, HeadersAreReadAndChanged) {
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

TEST_P(HostFunctionsTest, HeadersThatWouldSplitAMessageAreRefused) {
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

TEST_P(HostFunctionsTest, ReplacingAllHeadersKeepsThePseudoFieldsThatWereLeftOut) {
  start("request_headers: set 0 :path=/new,x-only=1\n");

  request_headers();

  const Headers& headers = exchange.maps[MapType::request_headers];
  EXPECT_EQ(headers.value_or(":path", ""), "/new");
  EXPECT_EQ(headers.value_or(":method", ""), "POST");
  EXPECT_EQ(headers.value_or("x-only", ""), "1");
  EXPECT_FALSE(headers.has("user-agent"));
}

TEST_P(HostFunctionsTest, AMapThatIsNotThereIsABadArgument) {
  start("request_headers: get 2 :status\nrequest_headers: pairs 2\nrequest_headers: get 6 a\n");

  request_headers();

  EXPECT_EQ(journal.take(), "request_headers 3 0\nget 2\npairs 2\nget 2\n");
}

TEST_P(HostFunctionsTest, ABodyIsReadInPartsAndChangedAnywhere) {
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

TEST_P(HostFunctionsTest, AWholeBodyIsReplacedWithTheLargestCount) {
  start("response_body: put 1 0 4294967295 short\n");
  exchange.bodies[Direction::response].append(Slice::of_static("a long body"));

  stream->on_response_body(End::yes).ignore();

  EXPECT_EQ(exchange.bodies[Direction::response].copy(), "short");
}

TEST_P(HostFunctionsTest, PropertiesHaveTheirEncodings) {
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

TEST_P(HostFunctionsTest, SharedDataIsComparedAndSwapped) {
  start(
      "request_headers: shared_get k\nrequest_headers: shared_set k one 0\n"
      "request_headers: shared_get k\nrequest_headers: shared_set k two 99\n"
      "request_headers: shared_set k two 1\nrequest_headers: shared_get k\n");

  request_headers();

  EXPECT_EQ(journal.take(),
            "request_headers 3 0\nshared_get 1  cas 0\nshared_set ok\nshared_get ok one cas 1\n"
            "shared_set 8\nshared_set ok\nshared_get ok two cas 2\n");
}

TEST_P(HostFunctionsTest, QueuesTellTheirListeners) {
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

TEST_P(HostFunctionsTest, MetricsCountRiseAndFall) {
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

TEST_P(HostFunctionsTest, ForeignFunctionsAreKnownHereOrOutside) {
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

TEST_P(HostFunctionsTest, TheLogHasLevelsAndALimit) {
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

TEST_P(HostFunctionsTest, TheTimeIsTheOutsides) {
  start("request_headers: time\n");

  request_headers();

  EXPECT_TRUE(journal.contains("time ok 1700000000000000000"));
}

TEST_P(HostFunctionsTest, BodiesAndHeadersHaveLimits) {
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
