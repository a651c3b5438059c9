// SPDX-License-Identifier: Apache-2.0
// The load generator of the benchmark.
//
//   load closed PORT CONNECTIONS SECONDS        each connection asks again when it is answered
//   load stream PORT CONNECTIONS SECONDS        the same with streams, each checked to be whole
//   load rate   PORT CONNECTIONS SECONDS RATE   requests at fixed instants; latency counts from
//                                               the instant, so that asking less hides no stall
//   load idle   PORT CONNECTIONS                one request on each connection, then "ready", then
//                                               nothing until the standard input ends
//
// Prints one line of JSON: answered (requests, the warm-up included), requests (without it),
// errors, seconds, p50_us, p99_us.
#include <array>
#include <chrono>
#include <deque>
#include <memory>
#include <vector>

#include "wire.h"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t kBodyBytes = 300;
constexpr auto kWarmUp = 500ms;

struct Client {
  int fd = -1;
  bool busy = false;
  Clock::time_point begun;
  std::string input;
  Message answer;
};

std::string request_of(bool stream) {
  std::string body = R"({"model":"bench",)";
  body += stream ? R"("stream":true,)" : R"("stream":false,)";
  body += R"("messages":[{"role":"user","content":")";
  const std::string end = R"("}]})";
  body.append(kBodyBytes - body.size() - end.size(), 'q').append(end);
  return "POST /v1/chat/completions HTTP/1.1\r\nhost: bench.example\r\ncontent-type: "
         "application/json\r\n"
         "authorization: Bearer sk-bench\r\ncontent-length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

class Load final {
 public:
  Load(std::uint16_t port, std::size_t connections, bool stream)
      : port_(port), stream_(stream), request_(request_of(stream)), epoll_(::epoll_create1(0)) {
    for (std::size_t i = 0; i < connections; ++i) {
      clients_.push_back(std::make_unique<Client>());
      connect(*clients_.back());
    }
  }

  // What counts begins after the warm-up.
  void run_closed(Clock::duration time) {
    begin(time);
    for (auto& client : clients_) ask(*client, Clock::now());
    while (Clock::now() < end_) {
      wait(100ms);
      for (Client* const client : idle_) ask(*client, Clock::now());
      idle_.clear();
    }
  }

  void run_rate(Clock::duration time, double rate) {
    begin(time);
    for (auto& client : clients_) idle_.push_back(client.get());
    const auto step =
        std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / rate));
    auto due = Clock::now() + 1ms;
    std::deque<Clock::time_point> queue;
    while (Clock::now() < end_) {
      for (; due <= Clock::now(); due += step) queue.push_back(due);
      while (!queue.empty() && !idle_.empty()) {
        Client* const client = idle_.back();
        idle_.pop_back();
        ask(*client, queue.front());
        queue.pop_front();
      }
      wait(std::max(due - Clock::now(), Clock::duration::zero()));
    }
  }

  // One answered request on each connection.
  void run_once() {
    begin(1h);
    for (auto& client : clients_) {
      ask(*client, Clock::now());
      while (client->busy) wait(1s);
      idle_.clear();
    }
  }

  void report() {
    std::ranges::sort(latencies_);
    const auto share = [&](double part) {
      return latencies_.empty() ? 0.0
                                : latencies_[static_cast<std::size_t>(
                                      part * static_cast<double>(latencies_.size() - 1))];
    };
    const double seconds =
        std::chrono::duration<double>(std::min(Clock::now(), end_) - counted_from_).count();
    std::printf(
        "{\"answered\": %zu, \"requests\": %zu, \"errors\": %zu, \"seconds\": %.3f, \"p50_us\": "
        "%.1f, \"p99_us\": "
        "%.1f}\n",
        answered_, latencies_.size(), errors_, seconds, share(0.5), share(0.99));
  }

 private:
  void begin(Clock::duration time) {
    counted_from_ = Clock::now() + kWarmUp;
    end_ = counted_from_ + time;
  }

  void connect(Client& client) {
    client.fd = ::socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = loopback(port_);
    if (::connect(client.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      die("connect");
    set_no_delay(client.fd);
    watch(epoll_, client.fd, EPOLLIN, &client);
  }

  void ask(Client& client, Clock::time_point begun) {
    client.begun = begun;
    client.busy = true;
    const ssize_t sent = ::send(client.fd, request_.data(), request_.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(request_.size())) fail(client);
  }

  void wait(Clock::duration time) {
    const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
    const timespec limit{.tv_sec = nanoseconds / 1'000'000'000,
                         .tv_nsec = nanoseconds % 1'000'000'000};
    std::array<epoll_event, 256> events;
    const int count = ::epoll_pwait2(epoll_, events.data(), events.size(), &limit, nullptr);
    for (int i = 0; i < count; ++i)
      receive(*static_cast<Client*>(events[static_cast<std::size_t>(i)].data.ptr));
  }

  void receive(Client& client) {
    const ssize_t got = ::recv(client.fd, room_.data(), room_.size(), 0);
    if (got <= 0) return fail(client);
    client.input.append(room_.data(), static_cast<std::size_t>(got));
    const auto step = client.answer.take(client.input);
    if (step == Message::Step::more) return;
    if (step == Message::Step::broken || !is_whole(client.answer)) return fail(client);
    ++answered_;
    const auto now = Clock::now();
    if (client.begun >= counted_from_ && now <= end_) {
      latencies_.push_back(std::chrono::duration<double, std::micro>(now - client.begun).count());
    }
    client.answer.reset();
    client.busy = false;
    idle_.push_back(&client);
  }

  [[nodiscard]] bool is_whole(const Message& answer) const {
    return answer.status == 200 && (!stream_ || answer.body.ends_with("data: [DONE]\n\n"));
  }

  void fail(Client& client) {
    ++errors_;
    if (errors_ > 10'000) die("too many errors");
    ::close(client.fd);
    client.input.clear();
    client.answer.reset();
    client.busy = false;
    connect(client);
    idle_.push_back(&client);
  }

  std::uint16_t port_;
  bool stream_;
  std::string request_;
  int epoll_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<Client*> idle_;
  std::vector<double> latencies_;
  std::size_t answered_ = 0;
  std::size_t errors_ = 0;
  Clock::time_point counted_from_;
  Clock::time_point end_;
  std::array<char, 262144> room_;
};

int run(std::string_view mode, std::uint16_t port, std::size_t connections, double seconds,
        double rate) {
  const auto time =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  Load load(port, connections, mode == "stream");
  if (mode == "idle") {
    load.run_once();
    std::puts("ready");
    std::fflush(stdout);
    while (std::getchar() != EOF) {
    }
    return 0;
  }
  if (mode == "rate") {
    load.run_rate(time, rate);
  } else {
    load.run_closed(time);
  }
  load.report();
  return 0;
}

}  // namespace
}  // namespace bench

int main(int count, char** arguments) {
  if (count < 4) return 2;
  const auto number = [&](int at) { return at < count ? std::strtod(arguments[at], nullptr) : 0; };
  return bench::run(arguments[1], static_cast<std::uint16_t>(number(2)),
                    static_cast<std::size_t>(number(3)), number(4), number(5));
}
