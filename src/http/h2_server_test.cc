// SPDX-License-Identifier: Apache-2.0
// Goal: an HTTP/2 connection serves streams side by side and survives hostile clients. Method: raw
// frames, and our own client, over pairs of sockets in simulated time; each flood has a
// well-behaved client beside it.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "http/droppable.h"
#include "http/pair_testing.h"

namespace mynah::http {
namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
// :method GET, :path /, :scheme http, :authority a
constexpr std::string_view kGetHead =
    "\x82\x84\x86\x41\x01"
    "a";

enum Type : std::uint8_t {
  data = 0,
  headers = 1,
  priority = 2,
  rst = 3,
  settings = 4,
  ping = 6,
  goaway = 7,
  window = 8,
  continuation = 9
};

std::string frame(Type type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
  std::string out;
  for (const int shift : {16, 8, 0})
    out.push_back(static_cast<char>(payload.size() >> shift & 255));
  out.push_back(static_cast<char>(type));
  out.push_back(static_cast<char>(flags));
  for (const int shift : {24, 16, 8, 0}) out.push_back(static_cast<char>(stream >> shift & 255));
  return out.append(payload);
}

std::string begin() { return std::string(kPreface) + frame(settings, 0, 0, ""); }
std::string get(std::uint32_t stream) { return frame(headers, 5, stream, kGetHead); }
std::string four(std::uint32_t value) {
  std::string out;
  for (const int shift : {24, 16, 8, 0}) out.push_back(static_cast<char>(value >> shift & 255));
  return out;
}

struct Frame {
  std::uint8_t type;
  std::uint8_t flags;
  std::uint32_t stream;
  std::string payload;
};

std::vector<Frame> split(std::string_view bytes) {
  std::vector<Frame> frames;
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i]));
  };
  while (bytes.size() >= 9) {
    const std::size_t size = byte(0) << 16 | byte(1) << 8 | byte(2);
    const std::uint32_t stream = byte(5) << 24 | byte(6) << 16 | byte(7) << 8 | byte(8);
    frames.push_back({static_cast<std::uint8_t>(byte(3)), static_cast<std::uint8_t>(byte(4)),
                      stream, std::string(bytes.substr(9, size))});
    bytes.remove_prefix(std::min(bytes.size(), 9 + size));
  }
  return frames;
}

int count(const std::vector<Frame>& frames, Type type) {
  return static_cast<int>(
      std::count_if(frames.begin(), frames.end(), [&](const Frame& f) { return f.type == type; }));
}

// The code of the GOAWAY among the frames; -1 if there is none.
int goaway_code(const std::vector<Frame>& frames) {
  for (const Frame& f : frames) {
    if (f.type == goaway) return static_cast<unsigned char>(f.payload.at(7));
  }
  return -1;
}

constexpr int kEnhanceYourCalm = 11;

void expect_served(ServerBench& bench) {
  const auto client = bench.connect();
  client->send(begin() + get(1));
  bench.settle();
  const auto frames = split(client->receive());
  EXPECT_EQ(count(frames, headers), 1);
  EXPECT_EQ(count(frames, data), 1);
  EXPECT_EQ(goaway_code(frames), -1);
}

TEST(Http2Server, IsSpokenToThoseWhoBeginWithItsPreface) {
  ServerBench bench(echo);

  expect_served(bench);
  EXPECT_EQ(bench.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
            "HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nGET a / ");
}

TEST(Http2Server, TakesItsPrefaceCutAnywhere) {
  ServerBench bench(echo);
  const std::string bytes = begin() + get(1);
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    const auto client = bench.connect();
    client->send(std::string_view(bytes).substr(0, cut));
    bench.settle();
    client->send(std::string_view(bytes).substr(cut));
    bench.settle();
    EXPECT_EQ(count(split(client->receive()), data), 1) << cut;
  }
}

TEST(Http2Server, ServesStreamsSideBySide) {
  ServerBench bench(echo);
  const auto client = bench.connect();
  client->send(begin() + get(1) + get(3) + get(5));
  bench.settle();

  EXPECT_EQ(count(split(client->receive()), headers), 3);
  EXPECT_EQ(bench.server.counters().exchanges, 3U);
}

struct Waiting {
  int live = 0;
  int seen = 0;
  Signal never;

  Task<> serve(ServerStream&) {
    struct Count {
      explicit Count(int& live) : live_(live) { ++live_; }
      Count(const Count&) = delete;
      Count& operator=(const Count&) = delete;
      ~Count() { --live_; }
      int& live_;
    };
    const Count counted(live);
    ++seen;
    Signal own;
    co_await own;
  }
};

TEST(Http2Server, DropsTheHandlerOfAStreamThatTheClientResets) {
  Waiting waiting;
  ServerBench bench([&](ServerStream& exchange) { return waiting.serve(exchange); });
  const auto client = bench.connect();
  client->send(begin() + get(1) + get(3));
  bench.settle();
  EXPECT_EQ(waiting.live, 2);

  client->send(frame(rst, 0, 1, four(8)));
  bench.settle();
  EXPECT_EQ(waiting.live, 1);
  client->close();
  bench.settle();

  EXPECT_EQ(waiting.live, 0);
  EXPECT_EQ(bench.server.connections(), 0U);
}

TEST(Http2Server, StopsARapidResetFloodBeforeItReachesTheHandlers) {
  Waiting waiting;
  ServerBench bench([&](ServerStream& exchange) { return waiting.serve(exchange); });
  const auto client = bench.connect();
  client->send(begin());
  for (std::uint32_t stream = 1; stream < 40000; stream += 200) {
    std::string flood;
    for (std::uint32_t i = stream; i < stream + 200; i += 2)
      flood += get(i) + frame(rst, 0, i, four(8));
    client->send(flood);
    bench.settle();
    if (client->closed()) break;
  }

  EXPECT_LE(waiting.seen, 100);
  EXPECT_EQ(goaway_code(split(client->receive())), kEnhanceYourCalm);
  EXPECT_EQ(bench.server.counters().violations[static_cast<std::size_t>(Violation::rapid_reset)],
            1U);
}

TEST(Http2Server, StopsAFloodOfStreamsThatItIsMadeToReset) {
  Waiting waiting;
  ServerBench bench([&](ServerStream& exchange) { return waiting.serve(exchange); });
  const auto client = bench.connect();
  client->send(begin());
  for (std::uint32_t stream = 1; stream < 2000; stream += 2) {
    // The window overflows, which is the fault of this stream alone.
    client->send(get(stream) + frame(window, 0, stream, four(0x7FFFFFFF)));
    bench.settle();
    if (client->closed()) break;
  }

  EXPECT_LE(waiting.seen, 100);
  EXPECT_EQ(goaway_code(split(client->receive())), kEnhanceYourCalm);
}

TEST(Http2Server, StopsFloodsOfControlFrames) {
  for (const std::string& flood :
       {frame(ping, 0, 0, "12345678"), frame(settings, 0, 0, ""),
        frame(priority, 0, 1, four(0) + "x"), frame(window, 0, 0, four(1))}) {
    ServerBench bench(echo);
    const auto client = bench.connect();
    client->send(begin());
    std::string received;
    for (int i = 0; i < 50 && !client->closed(); ++i) {
      std::string many;
      for (int j = 0; j < 100; ++j) many += flood;
      client->send(many);
      bench.settle();
      received += client->receive();
    }
    EXPECT_TRUE(client->closed());
    EXPECT_EQ(goaway_code(split(received)), kEnhanceYourCalm);
    expect_served(bench);
  }
}

TEST(Http2Server, StopsAHeadThatDoesNotEnd) {
  ServerBench bench(echo);
  const auto client = bench.connect();
  client->send(begin() + frame(headers, 0, 1, kGetHead));
  for (int i = 0; i < 50; ++i) client->send(frame(continuation, 0, 1, "\x40\x01x\x01y"));
  bench.settle();
  bench.pass(3s);

  EXPECT_TRUE(client->closed());
  EXPECT_EQ(bench.server.counters().exchanges, 0U);
  EXPECT_EQ(
      bench.server.counters().violations[static_cast<std::size_t>(Violation::continuation_flood)],
      1U);
}

TEST(Http2Server, ClosesAClientThatDoesNotFinishItsHead) {
  ServerBench bench(echo);
  const auto client = bench.connect();
  client->send(begin() + frame(headers, 0, 1, kGetHead));
  bench.pass(11s);
  bench.pass(3s);

  EXPECT_TRUE(client->closed());
  EXPECT_EQ(bench.server.counters().violations[static_cast<std::size_t>(Violation::header_timeout)],
            1U);
}

TEST(Http2Server, ClosesAConnectionThatIsIdleForLong) {
  ServerBench bench(echo);
  const auto client = bench.connect();
  client->send(begin() + get(1));
  bench.pass(70s);
  EXPECT_FALSE(client->closed());
  bench.pass(10s);

  EXPECT_EQ(goaway_code(split(client->receive())), 0);
  EXPECT_TRUE(client->closed());
}

TEST(Http2Server, DrainsWithAGoodbyeAndFinishesWhatRuns) {
  ServerBench bench(echo);
  const auto client = bench.connect();
  client->send(begin() + frame(headers, 4, 1, kGetHead));
  bench.settle();

  bench.server.drain();
  bench.pass(1s);
  EXPECT_EQ(goaway_code(split(client->receive())), 0);
  EXPECT_FALSE(client->closed());
  client->send(frame(data, 1, 1, "hi"));
  bench.settle();

  EXPECT_EQ(count(split(client->receive()), data), 1);
  EXPECT_TRUE(client->closed());
}

TEST(Http2Server, RefusesHeadsThatAGatewayMayNotForward) {
  ServerBench bench(echo);
  const auto client = bench.connect();
  // An upper-case name, a connection field, a field with a line end, a path without a slash, no
  // authority.
  client->send(begin() +
               frame(headers, 5, 1, std::string(kGetHead) + std::string("\x40\x01X\x01y", 5)) +
               frame(headers, 5, 3,
                     std::string(kGetHead) + std::string("\x40\x0a"
                                                         "connection\x01y",
                                                         14)) +
               frame(headers, 5, 5,
                     std::string(kGetHead) + std::string("\x40\x01x\x03"
                                                         "a\nb",
                                                         7)) +
               frame(headers, 5, 7,
                     "\x82\x86\x41\x01"
                     "a\x44\x01x") +
               frame(headers, 5, 9, "\x82\x84\x86"));
  bench.settle();

  EXPECT_EQ(bench.server.counters().exchanges, 0U);
  EXPECT_GE(count(split(client->receive()), rst), 3);
  expect_served(bench);
}

}  // namespace
}  // namespace mynah::http
