// SPDX-License-Identifier: Apache-2.0
// The codec: what is encoded is decoded to the same value, in pieces of any size; hostile input is
// refused at limits.
#include "base/resp.h"

#include <gtest/gtest.h>

namespace mynah {
namespace {

std::string wire(const Resp& value, RespVersion version) {
  std::string out;
  encode(value, version, out);
  return out;
}

Result<std::optional<Resp>> decode(std::string_view bytes, RespLimits limits = {}) {
  RespDecoder decoder(limits);
  decoder.feed(bytes);
  return decoder.next();
}

Resp nested() {
  return Resp::map({Resp::bulk("k"),
                    Resp::array({Resp::number(-7), Resp::null(), Resp::of_real(1.5)}),
                    Resp::status("s"), Resp::set({Resp::boolean(true), Resp::error("ERR e")})});
}

TEST(Resp, version_2_spells_maps_sets_reals_and_booleans_with_its_own_types) {
  EXPECT_EQ(wire(nested(), RespVersion::resp2),
            "*4\r\n$1\r\nk\r\n*3\r\n:-7\r\n$-1\r\n$3\r\n1.5\r\n+s\r\n*2\r\n:1\r\n-ERR e\r\n");
}

TEST(Resp, version_3_spells_each_kind) {
  EXPECT_EQ(wire(nested(), RespVersion::resp3),
            "%2\r\n$1\r\nk\r\n*3\r\n:-7\r\n_\r\n,1.5\r\n+s\r\n~2\r\n#t\r\n-ERR e\r\n");
}

TEST(Resp, a_value_fed_byte_by_byte_is_decoded_once_it_is_whole) {
  const std::string bytes = wire(nested(), RespVersion::resp3);
  RespDecoder decoder;
  std::optional<Resp> decoded;

  for (std::size_t i = 0; i < bytes.size(); ++i) {
    ASSERT_FALSE(decoded) << "before byte " << i;
    decoder.feed(std::string_view(bytes).substr(i, 1));
    auto next = decoder.next();
    ASSERT_TRUE(next);
    decoded = *std::move(next);
  }

  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, nested());
  EXPECT_EQ(decoder.pending_bytes(), 0U);
}

TEST(Resp, the_two_nulls_of_version_2_are_told_apart) {
  EXPECT_EQ((**decode("*-1\r\n")).kind, Resp::Kind::null_array);
  EXPECT_EQ((**decode("$-1\r\n")).kind, Resp::Kind::null);
}

TEST(Resp, attributes_are_dropped) {
  EXPECT_EQ(**decode("|1\r\n+a\r\n:1\r\n:5\r\n"), Resp::number(5));
}

TEST(Resp, pipelined_values_come_out_in_order) {
  RespDecoder decoder;
  decoder.feed(":1\r\n:2\r\n");
  EXPECT_EQ(**decoder.next(), Resp::number(1));
  EXPECT_EQ(**decoder.next(), Resp::number(2));
  EXPECT_FALSE(*decoder.next());
}

TEST(Resp, a_line_break_in_an_error_cannot_start_another_reply) {
  EXPECT_EQ(wire(Resp::error("ERR a\r\n+OK"), RespVersion::resp2), "-ERR a  +OK\r\n");
}

TEST(Resp, values_over_a_limit_are_refused_before_they_arrive) {
  EXPECT_EQ(decode("$100\r\n", {.bulk_bytes = 99}).error().code, Errc::too_large);
  EXPECT_EQ(decode("*100\r\n", {.items = 99}).error().code, Errc::too_large);
  EXPECT_EQ(decode("*1\r\n*1\r\n*1\r\n", {.depth = 2}).error().code, Errc::too_large);
  EXPECT_EQ(decode("*2\r\n$4\r\nabcd\r\n$4\r\n", {.message_bytes = 15}).error().code,
            Errc::too_large);
  EXPECT_EQ(decode("+abcdef", {.line_bytes = 4}).error().code, Errc::too_large);
}

TEST(Resp, what_is_no_value_is_a_protocol_error_and_ends_the_stream) {
  EXPECT_EQ(decode("?\r\n").error().code, Errc::protocol);
  EXPECT_EQ(decode(":12x\r\n").error().code, Errc::protocol);
  EXPECT_EQ(decode("$3\r\nabcdd\r\n").error().code, Errc::protocol);
  EXPECT_EQ(decode("*-2\r\n").error().code, Errc::protocol);
  RespDecoder decoder;
  decoder.feed("?\r\n:1\r\n");
  EXPECT_FALSE(decoder.next());
  EXPECT_FALSE(decoder.next());
}

TEST(Resp, commands_come_as_arrays_or_as_lines_and_as_nothing_else) {
  RespDecoder decoder = RespDecoder::commands();
  decoder.feed("*2\r\n$3\r\nGET\r\n$1\r\nk\r\nSET  a b\r\n*1\r\n:1\r\n");
  EXPECT_EQ(**decoder.next(), Resp::array({Resp::bulk("GET"), Resp::bulk("k")}));
  EXPECT_EQ(**decoder.next(), Resp::array({Resp::bulk("SET"), Resp::bulk("a"), Resp::bulk("b")}));
  EXPECT_EQ(decoder.next().error().what, "Protocol error: expected '$', got ':'");
}

TEST(Resp, a_whole_command_is_parsed_in_place) {
  std::string bytes;
  const std::string_view sent[] = {"set", "key", ""};
  encode_command(sent, bytes);
  std::vector<std::string_view> words;

  const auto used = parse_command(bytes + "rest", words);

  ASSERT_TRUE(used);
  EXPECT_EQ(*used, bytes.size());
  EXPECT_FALSE(parse_command(bytes.substr(0, bytes.size() - 1), words));
  EXPECT_FALSE(parse_command("*1\r\n$-1\r\n", words));
}

}  // namespace
}  // namespace mynah
