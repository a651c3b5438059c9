// SPDX-License-Identifier: Apache-2.0
// What both ends of the benchmark share: sockets on the loopback, and just enough HTTP/1.1 to know
// where a message ends.
#pragma once

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace bench {

[[noreturn]] inline void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

inline void set_no_delay(int fd) {
  const int yes = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

inline void watch(int epoll, int fd, std::uint32_t events, void* owner,
                  int operation = EPOLL_CTL_ADD) {
  epoll_event event{.events = events, .data = {.ptr = owner}};
  if (::epoll_ctl(epoll, operation, fd, &event) != 0) die("epoll_ctl");
}

// A number after the first occurrence of a field's name, which is given in lower case with its
// colon; -1 if it is not there.
inline long field_number(std::string_view head, std::string_view name) {
  const auto same = [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b;
  };
  const auto* const found = std::search(head.begin(), head.end(), name.begin(), name.end(), same);
  if (found == head.end()) return -1;
  const char* at = found + name.size();
  while (at != head.end() && *at == ' ') ++at;
  long number = -1;
  std::from_chars(at, head.end(), number);
  return number;
}

// Follows one message over the pieces it arrives in. `body` holds what came of it, without the
// marks of chunks.
class Message final {
 public:
  enum class Step : unsigned char { more, end, broken };

  // Uses up what belongs to the message from the front of `input`.
  Step take(std::string& input) {
    if (!head_seen_) {
      const std::size_t end = input.find("\r\n\r\n");
      if (end == std::string::npos) return Step::more;
      const std::string_view head(input.data(), end + 2);
      status = static_cast<int>(field_number(head, "http/1.1"));
      left_ = field_number(head, "\r\ncontent-length:");
      chunked_ = left_ < 0;
      if (chunked_) left_ = 0;
      input.erase(0, end + 4);
      head_seen_ = true;
    }
    return chunked_ ? take_chunks(input) : take_length(input);
  }

  void reset() {
    body.clear();
    head_seen_ = false;
    last_ = false;
  }

  int status = 0;
  std::string body;

 private:
  Step take_length(std::string& input) {
    const std::size_t size = std::min(input.size(), static_cast<std::size_t>(left_));
    body.append(input, 0, size);
    input.erase(0, size);
    left_ -= static_cast<long>(size);
    return left_ == 0 ? Step::end : Step::more;
  }

  Step take_chunks(std::string& input) {
    std::size_t at = 0;
    Step step = Step::more;
    while (step == Step::more) {
      if (left_ == 0) {
        const std::size_t line = input.find("\r\n", at);
        if (line == std::string::npos) break;
        if (last_) {
          step = line == at ? Step::end : Step::broken;
          at = line + 2;
          break;
        }
        long size = -1;
        std::from_chars(input.data() + at, input.data() + line, size, 16);
        if (size < 0) return Step::broken;
        last_ = size == 0;
        left_ = last_ ? 0 : size + 2;
        at = line + 2;
      } else {
        if (input.size() - at < static_cast<std::size_t>(left_)) break;
        body.append(input, at, static_cast<std::size_t>(left_ - 2));
        at += static_cast<std::size_t>(left_);
        left_ = 0;
      }
    }
    input.erase(0, at);
    return step;
  }

  bool head_seen_ = false;
  bool chunked_ = false;
  bool last_ = false;
  long left_ = 0;  // Of the body or, with its line end, of the chunk.
};

}  // namespace bench
