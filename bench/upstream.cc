// SPDX-License-Identifier: Apache-2.0
// The upstream of the benchmark: answers each POST with the same 600 bytes or, when the body asks
// for a stream, with server-sent events, each in a write of its own. One thread, level-triggered
// epoll.
//
//   upstream PORT
#include <array>
#include <memory>
#include <unordered_map>
#include <vector>

#include "wire.h"

namespace bench {
namespace {

constexpr int kEvents = 50;
constexpr std::size_t kAnswerBytes = 600;

struct Peer {
  int fd = -1;
  std::string input;
  Message request;
};

std::string whole_answer() {
  std::string body =
      R"({"id":"chatcmpl-1","object":"chat.completion","choices":[{"message":{"content":")";
  const std::string end = R"("},"finish_reason":"stop"}],"usage":{"total_tokens":42}})";
  body.append(kAnswerBytes - body.size() - end.size(), 'x').append(end);
  return "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string chunk_of(const std::string& data) {
  std::array<char, 16> size{};
  const auto end = std::to_chars(size.data(), size.data() + size.size(), data.size(), 16).ptr;
  return std::string(size.data(), end) + "\r\n" + data + "\r\n";
}

// The writes that make up a stream.
std::vector<std::string> stream_pieces() {
  std::vector<std::string> pieces = {
      "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"};
  for (int i = 0; i < kEvents; ++i) {
    pieces.push_back(chunk_of(
        R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,)"
        R"("model":"bench","choices":[{"index":0,"delta":{"content":"word )" +
        std::to_string(i) + R"( "},"finish_reason":null}]})" + "\n\n"));
  }
  pieces.push_back(chunk_of("data: [DONE]\n\n") + "0\r\n\r\n");
  return pieces;
}

class Upstream final {
 public:
  explicit Upstream(std::uint16_t port)
      : epoll_(::epoll_create1(0)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const int yes = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    const sockaddr_in address = loopback(port);
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      die("bind");
    if (::listen(listener_, 4096) != 0) die("listen");
    watch(epoll_, listener_, EPOLLIN, nullptr);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 256> events;
    for (;;) {
      const int count = ::epoll_wait(epoll_, events.data(), events.size(), -1);
      for (int i = 0; i < count; ++i) {
        auto* const peer = static_cast<Peer*>(events[static_cast<std::size_t>(i)].data.ptr);
        if (peer == nullptr) {
          accept_one();
        } else if (!serve(*peer)) {
          ::close(peer->fd);
          peers_.erase(peer->fd);
        }
      }
    }
  }

 private:
  void accept_one() {
    const int fd = ::accept4(listener_, nullptr, nullptr, 0);
    if (fd < 0) return;
    set_no_delay(fd);
    auto& peer = peers_[fd] = std::make_unique<Peer>();
    peer->fd = fd;
    watch(epoll_, fd, EPOLLIN, peer.get());
  }

  // Blocking writes: what is sent fits the buffers of a peer that reads.
  static bool send_all(int fd, std::string_view data) {
    while (!data.empty()) {
      const ssize_t sent = ::send(fd, data.data(), data.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      data.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  bool serve(Peer& peer) {
    const ssize_t got = ::recv(peer.fd, room_.data(), room_.size(), 0);
    if (got <= 0) return false;
    peer.input.append(room_.data(), static_cast<std::size_t>(got));
    while (!peer.input.empty()) {
      const auto step = peer.request.take(peer.input);
      if (step == Message::Step::more) return true;
      if (step == Message::Step::broken || !answer(peer)) return false;
      peer.request.reset();
    }
    return true;
  }

  bool answer(Peer& peer) {
    if (peer.request.body.find(R"("stream":true)") == std::string::npos)
      return send_all(peer.fd, whole_);
    return std::ranges::all_of(stream_,
                               [&](const std::string& piece) { return send_all(peer.fd, piece); });
  }

  int epoll_;
  int listener_;
  std::unordered_map<int, std::unique_ptr<Peer>> peers_;
  std::array<char, 65536> room_;
  const std::string whole_ = whole_answer();
  const std::vector<std::string> stream_ = stream_pieces();
};

}  // namespace
}  // namespace bench

int main(int count, char** arguments) {
  if (count != 2) return 2;
  bench::Upstream(static_cast<std::uint16_t>(std::strtol(arguments[1], nullptr, 10))).run();
}
