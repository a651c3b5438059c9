// SPDX-License-Identifier: Apache-2.0
// Goal: TLS connects those who prove who they are and nobody else, and carries all bytes and the
// true end of the stream. Method: both sides over a socket pair, certificates made for each test.
#include "aio/tls.h"

#include <array>
#include <fstream>
#include <string>
#include <sys/socket.h>
#include <tuple>
#include <unistd.h>

#include <gtest/gtest.h>

#include "aio/scope.h"
#include "aio/testing.h"
#include "aio/tls_testing.h"

namespace mynah {
namespace {

using ServerContext = std::shared_ptr<const TlsServerContext>;
using ClientContext = std::shared_ptr<const TlsClientContext>;

struct Ends {
  std::unique_ptr<Connection> server;
  std::unique_ptr<Connection> client;
};

Ends make_ends(Loop& loop) {
  auto [server, client] = connection_pair(loop);
  return {std::move(server), std::move(client)};
}

Task<Status> serve(Connection& connection, const TlsServerContext& context) {
  co_return co_await TlsHandshake(connection, context, connection.loop().in(1min));
}

Task<Status> join(Connection& connection, const TlsClientContext& context,
                  const std::string& name) {
  co_return co_await TlsHandshake(connection, context, name, connection.loop().in(1min));
}

// Both outcomes, as text: "ok" or the error.
std::string text_of(const Status& status) { return status ? "ok" : status.error().what; }

Task<std::string> read_once(Connection& connection, std::size_t room = 20'000) {
  std::string bytes(room, '\0');
  auto got = co_await connection.read(bytes, connection.loop().in(1min));
  if (!got) co_return "error: " + got.error().what;
  co_return bytes.substr(0, *got);
}

Task<std::string> read_all(Connection& connection) {
  std::string all;
  while (true) {
    std::string piece = co_await read_once(connection, 10'000);
    if (piece.empty()) co_return all;
    all += piece;
    if (piece.starts_with("error: ")) co_return all;
  }
}

Task<> write_and_end(Connection& connection, const std::string& bytes) {
  EXPECT_TRUE((co_await connection.write(bytes, kNever)).ok());
  connection.shut_write();
}

// A server and a client that trust each other, and a stream between them that has been set up.
struct Pair {
  explicit Pair(Loop& loop, TlsVersion version = TlsVersion::v1_3) : ends(make_ends(loop)) {
    server = *TlsServerContext::create(
        {.certificates = {authority.issue({"example.org"})}, .version_min = version});
    client = *TlsClientContext::create({.ca_file = authority.file(), .version_min = version});
  }
  Task<> connect() {
    auto [served, joined] =
        co_await all(serve(*ends.server, *server), join(*ends.client, *client, "example.org"));
    EXPECT_EQ(text_of(served), "ok");
    EXPECT_EQ(text_of(joined), "ok");
  }

  TempFolder folder;
  TestAuthority authority{folder};
  ServerContext server;
  ClientContext client;
  Ends ends;
};

MYNAH_TEST_CO(Tls, CarriesBytesBothWays) {
  Pair pair(loop);
  co_await pair.connect();

  EXPECT_TRUE((co_await pair.ends.client->write("ping", kNever)).ok());
  EXPECT_EQ(co_await read_once(*pair.ends.server), "ping");
  EXPECT_TRUE((co_await pair.ends.server->write("pong", kNever)).ok());
  EXPECT_EQ(co_await read_once(*pair.ends.client), "pong");
  EXPECT_EQ(pair.ends.server->tls()->server_name(), "example.org");
}

// A mebibyte both ways at once, each side in its own pace.
Task<> exchange_a_mebibyte(Loop& loop, Pair& pair) {
  co_await pair.connect();
  std::string up(1 << 20, '\0');
  for (std::size_t i = 0; i < up.size(); ++i) up[i] = static_cast<char>(i * i >> 3);
  const std::string down(up.rbegin(), up.rend());

  auto [a, b, at_server, at_client] =
      co_await all(write_and_end(*pair.ends.client, up), write_and_end(*pair.ends.server, down),
                   read_all(*pair.ends.server), read_all(*pair.ends.client));

  EXPECT_TRUE(at_server == up);
  EXPECT_TRUE(at_client == down);
  static_cast<void>(loop);
}

MYNAH_TEST_CO(Tls, CarriesAMebibyteInVersion13) {
  Pair pair(loop);
  co_await exchange_a_mebibyte(loop, pair);
  EXPECT_EQ(pair.ends.client->tls()->version(), "TLSv1.3");
}

MYNAH_TEST_CO(Tls, CarriesAMebibyteInVersion12) {
  Pair pair(loop, TlsVersion::v1_2);
  pair.client = *TlsClientContext::create({.ca_file = pair.authority.file(),
                                           .version_min = TlsVersion::v1_2,
                                           .version_max = TlsVersion::v1_2});
  co_await exchange_a_mebibyte(loop, pair);
  EXPECT_EQ(pair.ends.client->tls()->version(), "TLSv1.2");
}

MYNAH_TEST_CO(Tls, RefusesAVersionBelowTheFloor) {
  Pair pair(loop, TlsVersion::v1_3);
  auto old = *TlsClientContext::create({.ca_file = pair.authority.file(),
                                        .version_min = TlsVersion::v1_2,
                                        .version_max = TlsVersion::v1_2});

  auto [served, joined] = co_await all(serve(*pair.ends.server, *pair.server),
                                       join(*pair.ends.client, *old, "example.org"));

  EXPECT_EQ(text_of(served), "TLS handshake: TLS: unsupported protocol");
  EXPECT_FALSE(joined.ok());
}

MYNAH_TEST_CO(Tls, SendsSeveralPiecesAsOneStream) {
  Pair pair(loop);
  co_await pair.connect();
  std::string a = "one ";
  std::string b(40'000, 'b');
  std::string c = " three";
  const std::array<iovec, 5> pieces = {{{nullptr, 0},
                                        {a.data(), a.size()},
                                        {b.data(), b.size()},
                                        {nullptr, 0},
                                        {c.data(), c.size()}}};

  EXPECT_TRUE((co_await pair.ends.client->write(pieces, kNever)).ok());
  pair.ends.client->shut_write();

  EXPECT_EQ(co_await read_all(*pair.ends.server), a + b + c);
}

MYNAH_TEST_CO(Tls, ChoosesTheCertificateThatFitsTheName) {
  Pair pair(loop);
  pair.server = *TlsServerContext::create(
      {.certificates = {pair.authority.issue({"first.org"}), pair.authority.issue({"*.second.org"}),
                        pair.authority.issue({"third.org"})}});

  for (const char* name : {"first.org", "www.second.org", "third.org"}) {
    Ends ends = make_ends(loop);
    auto [served, joined] =
        co_await all(serve(*ends.server, *pair.server), join(*ends.client, *pair.client, name));
    EXPECT_EQ(text_of(joined), "ok") << name;
  }
  Ends ends = make_ends(loop);
  auto [served, joined] = co_await all(serve(*ends.server, *pair.server),
                                       join(*ends.client, *pair.client, "other.org"));
  EXPECT_EQ(text_of(joined), "TLS handshake: hostname mismatch");
}

MYNAH_TEST_CO(Tls, ServesAClientThatNamesAnAddress) {
  Pair pair(loop);
  pair.server = *TlsServerContext::create({.certificates = {pair.authority.issue({"127.0.0.1"})}});

  auto [served, joined] = co_await all(serve(*pair.ends.server, *pair.server),
                                       join(*pair.ends.client, *pair.client, "127.0.0.1"));

  EXPECT_EQ(text_of(joined), "ok");
  EXPECT_EQ(pair.ends.server->tls()->server_name(), "");
}

// The outcome at a client that is shown this certificate.
Task<std::string> shown(Loop& loop, Pair& pair, TlsCertificate certificate, std::string name) {
  auto server = *TlsServerContext::create({.certificates = {std::move(certificate)}});
  Ends ends = make_ends(loop);
  auto [served, joined] =
      co_await all(serve(*ends.server, *server), join(*ends.client, *pair.client, name));
  if (!joined)
    EXPECT_EQ(joined.error().code, name.empty() ? Errc::invalid_argument : Errc::protocol);
  co_return text_of(joined);
}

MYNAH_TEST_CO(Tls, RefusesCertificatesThatProveNothing) {
  Pair pair(loop);
  TestAuthority& authority = pair.authority;
  TempFolder elsewhere;
  TestAuthority stranger(elsewhere);

  EXPECT_EQ(co_await shown(loop, pair, authority.issue({"evil.org"}), "example.org"),
            "TLS handshake: hostname mismatch");
  EXPECT_EQ(
      co_await shown(loop, pair, authority.issue({"example.org"}, {-7200, -3600}), "example.org"),
      "TLS handshake: certificate has expired");
  EXPECT_EQ(
      co_await shown(loop, pair, authority.issue({"example.org"}, {3600, 7200}), "example.org"),
      "TLS handshake: certificate is not yet valid");
  EXPECT_EQ(co_await shown(loop, pair, authority.self_signed({"example.org"}), "example.org"),
            "TLS handshake: self-signed certificate");
  EXPECT_EQ(co_await shown(loop, pair, authority.issue({"10.0.0.1"}), "10.0.0.2"),
            "TLS handshake: IP address mismatch");
  EXPECT_FALSE((co_await shown(loop, pair, stranger.issue({"example.org"}), "example.org")) ==
               "ok");
}

MYNAH_TEST_CO(Tls, DoesNotTakeAnEmptyNameForAnyName) {
  Pair pair(loop);
  auto joined = co_await join(*pair.ends.client, *pair.client, "");

  EXPECT_EQ(text_of(joined), "TLS handshake: \"\" is not a name of a server");
}

MYNAH_TEST_CO(Tls, TakesAnyCertificateWhenToldNotToVerify) {
  Pair pair(loop);
  pair.client = *TlsClientContext::create({.verify = false});

  EXPECT_EQ(co_await shown(loop, pair, pair.authority.self_signed({"evil.org"}), "example.org"),
            "ok");
}

// Which protocol both sides agree on, or why they do not.
Task<std::string> agreed(Loop& loop, Pair& pair, std::vector<std::string> server_side,
                         std::vector<std::string> client_side) {
  auto server = *TlsServerContext::create({.certificates = {pair.authority.issue({"example.org"})},
                                           .protocols = std::move(server_side)});
  auto client = *TlsClientContext::create(
      {.ca_file = pair.authority.file(), .protocols = std::move(client_side)});
  Ends ends = make_ends(loop);
  auto [served, joined] =
      co_await all(serve(*ends.server, *server), join(*ends.client, *client, "example.org"));
  if (!served || !joined) co_return "refused";
  EXPECT_EQ(ends.server->tls()->protocol(), ends.client->tls()->protocol());
  co_return std::string(ends.client->tls()->protocol());
}

MYNAH_TEST_CO(Tls, AgreesOnTheProtocolThatTheServerPrefers) {
  Pair pair(loop);
  EXPECT_EQ(co_await agreed(loop, pair, {"h2", "http/1.1"}, {"http/1.1", "h2"}), "h2");
  EXPECT_EQ(co_await agreed(loop, pair, {"h2", "http/1.1"}, {"http/1.1"}), "http/1.1");
  EXPECT_EQ(co_await agreed(loop, pair, {"h2"}, {}), "");
  EXPECT_EQ(co_await agreed(loop, pair, {}, {"h2"}), "");
  EXPECT_EQ(co_await agreed(loop, pair, {"h2"}, {"http/1.1"}), "refused");
}

MYNAH_TEST_CO(Tls, TellsACutStreamFromAnEnd) {
  Pair cut(loop);
  co_await cut.connect();
  EXPECT_TRUE((co_await cut.ends.server->write("half an ans", kNever)).ok());
  cut.ends.server->reset_on_close();
  cut.ends.server.reset();
  EXPECT_EQ(co_await read_all(*cut.ends.client),
            "half an anserror: the peer closed the connection in the middle of the TLS stream");

  Pair whole(loop);
  co_await whole.connect();
  EXPECT_TRUE((co_await whole.ends.server->write("an answer", kNever)).ok());
  whole.ends.server.reset();
  EXPECT_EQ(co_await read_all(*whole.ends.client), "an answer");
}

MYNAH_TEST_CO(Tls, WritingToAPeerThatIsGoneIsAnErrorAndNoSignal) {
  Pair pair(loop);
  co_await pair.connect();
  pair.ends.client.reset();

  Status sent = ok();
  for (int i = 0; i < 3 && sent; ++i) {
    sent = co_await pair.ends.server->write("anyone?", kNever);
  }

  MYNAH_CO_ASSERT(!sent.ok());
  EXPECT_EQ(sent.error().code, Errc::closed);
}

MYNAH_TEST_CO(Tls, ReadableIsNotMisledByTicketsOrPartsOfRecords) {
  Pair pair(loop);
  co_await pair.connect();

  // The server's session tickets have come by now, but they are nothing to read.
  EXPECT_FALSE((co_await pair.ends.client->readable(loop.in(1s))).ok());
  EXPECT_TRUE((co_await pair.ends.server->write("now", kNever)).ok());
  EXPECT_TRUE((co_await pair.ends.client->readable(loop.in(1s))).ok());
  EXPECT_EQ(co_await read_once(*pair.ends.client), "now");
}

MYNAH_TEST_CO(Tls, HandshakeEndsAtItsDeadline) {
  Pair pair(loop);
  const Instant begin = loop.now();

  auto served = co_await serve(*pair.ends.server, *pair.server);

  MYNAH_CO_ASSERT(!served.ok());
  EXPECT_EQ(served.error().code, Errc::timeout);
  EXPECT_EQ(loop.now() - begin, 1min);
}

MYNAH_TEST_CO(Tls, HandshakeFailsWhenThePeerGoesOrTalksNonsense) {
  Pair gone(loop);
  gone.ends.client.reset();
  auto served = co_await serve(*gone.ends.server, *gone.server);
  MYNAH_CO_ASSERT(!served.ok());
  EXPECT_EQ(served.error().code, Errc::closed);

  Pair nonsense(loop);
  EXPECT_TRUE((co_await nonsense.ends.client->write("GET / HTTP/1.1\r\n\r\n", kNever)).ok());
  served = co_await serve(*nonsense.ends.server, *nonsense.server);
  EXPECT_EQ(text_of(served), "TLS handshake: TLS: http request");
}

TEST(TlsContext, SaysWhatIsWrongWithItsFiles) {
  const TempFolder folder;
  TestAuthority authority(folder);
  const TlsCertificate a = authority.issue({"a.org"});
  const TlsCertificate b = authority.issue({"b.org"});
  std::ofstream(folder.file("junk.pem")) << "no certificate";
  const auto failure = [](TlsCertificate certificate) {
    return TlsServerContext::create({.certificates = {std::move(certificate)}}).error().what;
  };

  EXPECT_EQ(failure({folder.file("none.pem"), a.key_file}),
            "certificate " + folder.file("none.pem") + ": No such file or directory");
  EXPECT_EQ(failure({folder.file("junk.pem"), a.key_file}),
            "certificate " + folder.file("junk.pem") + ": no start line");
  EXPECT_EQ(failure({a.chain_file, b.key_file}),
            "key " + b.key_file + " does not belong to certificate " + a.chain_file);
  EXPECT_EQ(TlsServerContext::create({}).error().what, "a TLS listener needs a certificate");
}

}  // namespace
}  // namespace mynah
