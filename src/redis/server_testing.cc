// SPDX-License-Identifier: Apache-2.0
// Processes of redis-server, and the simplest client there can be.
#include "redis/server_testing.h"

#include <arpa/inet.h>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/text.h"

namespace mynah::redis {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int connect_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return socket;
  ::close(socket);
  return -1;
}

Resp ask_on(int socket, std::span<const std::string_view> words) {
  std::string wire;
  encode_command(words, wire);
  if (::send(socket, wire.data(), wire.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(wire.size()))
    return Resp::error("the server went away");
  RespDecoder decoder;
  while (true) {
    auto reply = decoder.next();
    MYNAH_CHECK(reply.ok());
    if (*reply) return **std::move(reply);
    char bytes[65536];
    const ssize_t got = ::read(socket, bytes, sizeof bytes);
    if (got <= 0) return Resp::error("the server went away");
    decoder.feed({bytes, static_cast<std::size_t>(got)});
  }
}

// Whether the text stands anywhere in the reply.
bool holds(const Resp& reply, std::string_view text) {
  if (reply.text.view().find(text) != std::string_view::npos) return true;
  for (const Resp& item : reply.items) {
    if (holds(item, text)) return true;
  }
  return false;
}

}  // namespace

std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  MYNAH_CHECK(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  socklen_t size = sizeof address;
  MYNAH_CHECK(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  ::close(socket);
  return ntohs(address.sin_port);
}

TestServer::TestServer(std::vector<std::string> arguments)
    : arguments_(std::move(arguments)), port_(free_port()) {
  for (const char* argument :
       {"--save", "", "--appendonly", "no", "--enable-debug-command", "yes",
        "--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1"})
    arguments_.emplace_back(argument);
  start();
}

TestServer::TestServer(const Sentinel& sentinel) : port_(free_port()) {
  const std::string file = folder_.file("sentinel.conf");
  std::ofstream(file) << sentinel.configuration;
  arguments_ = {file, "--sentinel"};
  start();
}

TestServer::~TestServer() { kill(); }

void TestServer::start() {
  std::vector<std::string> line = {"redis-server"};
  line.insert(line.end(), arguments_.begin(), arguments_.end());
  line.insert(line.end(), {"--port", cat(port_), "--bind", "127.0.0.1", "--dir",
                           folder_.path().string(), "--logfile", folder_.file("log")});
  std::vector<char*> pointers;
  for (std::string& argument : line) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  process_ = ::fork();
  if (process_ == 0) {
    ::execvp(pointers[0], pointers.data());
    ::_exit(127);
  }
  for (int attempt = 0; attempt < 2000; ++attempt) {
    const int socket = connect_to(port_);
    if (socket >= 0) {
      ::close(socket);
      return;
    }
    MYNAH_CHECK(::waitpid(process_, nullptr, WNOHANG) == 0);
    ::poll(nullptr, 0, 5);
  }
  const bool started = false;
  MYNAH_CHECK(started);
}

void TestServer::kill() {
  if (process_ <= 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

void TestServer::hold() { ::kill(process_, SIGSTOP); }
void TestServer::go_on() { ::kill(process_, SIGCONT); }

Resp TestServer::ask(std::initializer_list<std::string_view> words,
                     std::string_view password) const {
  const int socket = connect_to(port_);
  if (socket < 0) return Resp::error("the server is away");
  if (!password.empty()) {
    const std::string_view login[] = {"AUTH", password};
    ask_on(socket, login);
  }
  Resp reply = ask_on(socket, words);
  ::close(socket);
  return reply;
}

bool TestServer::wait_for(std::initializer_list<std::string_view> words,
                          std::string_view text) const {
  for (int attempt = 0; attempt < 3000; ++attempt) {
    if (holds(ask(words), text)) return true;
    ::poll(nullptr, 0, 10);
  }
  return false;
}

}  // namespace mynah::redis
