// SPDX-License-Identifier: Apache-2.0
// TLS 1.2 and 1.3 on a Connection.
//
//   auto server = TlsServerContext::create({.certificates = {{"cert.pem", "key.pem"}}});
//   MYNAH_CO_OK(co_await TlsHandshake(connection, *server, deadline));
//   connection.tls()->protocol();   // "h2", "http/1.1" or nothing, as both sides agreed
//
// The stream has an end only when the peer says so: a connection that is closed without TLS's
// farewell is an error of Errc::closed and not the end of the stream, so that a cut answer never
// passes for a whole one.
//
// Contexts are immutable and may be shared by the workers; other certificates are another context,
// and sessions that were begun stay on theirs.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aio/connection.h"

struct ssl_st;
struct ssl_ctx_st;

namespace mynah {

enum class TlsVersion : unsigned char { v1_2, v1_3 };

struct TlsCertificate {
  std::string chain_file;  // PEM: the certificate, then those that lead to its root.
  std::string key_file;    // PEM.
};

struct TlsServerOptions {
  // The first one answers clients that name no host or an unknown one; otherwise the one whose
  // names fit the host.
  std::vector<TlsCertificate> certificates = {};
  TlsVersion version_min = TlsVersion::v1_2;
  std::vector<std::string> protocols = {"h2", "http/1.1"};  // By preference.
};

struct TlsClientOptions {
  std::string ca_file = {};  // PEM; empty: the system's.
  bool verify = true;        // Whether a peer must prove who it is.
  std::optional<TlsCertificate> certificate = {};
  TlsVersion version_min = TlsVersion::v1_2;
  TlsVersion version_max = TlsVersion::v1_3;
  std::vector<std::string> protocols = {"http/1.1"};
};

class TlsServerContext final {
 public:
  static Result<std::shared_ptr<const TlsServerContext>> create(const TlsServerOptions& options);
  ~TlsServerContext();
  TlsServerContext(TlsServerContext&&) = delete;

 private:
  friend class TlsHandshake;
  struct Entry;
  TlsServerContext() = default;
  static int choose_certificate(ssl_st* session, int* alert, void* self);
  static int choose_protocol(ssl_st* session, const unsigned char** out, unsigned char* out_size,
                             const unsigned char* in, unsigned in_size, void* self);

  std::vector<std::unique_ptr<Entry>> entries_;
  std::string protocols_;  // As ALPN writes them.
};

class TlsClientContext final {
 public:
  static Result<std::shared_ptr<const TlsClientContext>> create(const TlsClientOptions& options);
  ~TlsClientContext();
  TlsClientContext(TlsClientContext&&) = delete;

 private:
  friend class TlsHandshake;
  TlsClientContext() = default;

  ssl_ctx_st* context_ = nullptr;
  bool verify_ = true;
};

// The TLS state of one connection; made by a handshake.
class TlsSession final {
 public:
  explicit TlsSession(ssl_st* session) : session_(session) {}
  ~TlsSession();
  TlsSession(TlsSession&&) = delete;

  // The protocol that was agreed by ALPN; empty when none was.
  [[nodiscard]] std::string_view protocol() const;
  // "TLSv1.3", and the host that the client named.
  [[nodiscard]] std::string_view version() const;
  [[nodiscard]] std::string_view server_name() const;
  // Whether decrypted bytes wait that no event will announce.
  [[nodiscard]] bool pending() const;

 private:
  friend class Connection;
  friend class TlsHandshake;
  struct Wire;
  enum class Take : unsigned char { no, yes };

  void attach(Connection& connection);
  std::optional<Result<std::size_t>> try_read(std::span<char> room, Take take);
  Result<std::size_t> try_write(std::span<const iovec> pieces);
  void close_notify();
  void omit_farewell() { farewell_due_ = false; }
  // Notes that the session has failed for what SSL_get_error says; why it did.
  Error fail(int reason);

  ssl_st* session_;
  Connection* connection_ = nullptr;
  std::optional<Error> wire_error_;  // What the socket said.
  bool failed_ = false;
  bool farewell_due_ = true;  // Not after a fatal error, and only once.
  bool needs_more_ = false;   // What is buffered is a part of a record.
};

// co_await TlsHandshake(connection, context, deadline): a Status. As a server, or as a client to
// `server_name`, whose certificate must be for that name.
class [[nodiscard]] TlsHandshake final : public ConnectionWait {
 public:
  TlsHandshake(Connection& connection, const TlsServerContext& context, Instant deadline);
  TlsHandshake(Connection& connection, const TlsClientContext& context,
               const std::string& server_name, Instant deadline);

  Status await_resume();

 private:
  bool attempt() override;

  std::optional<Error> failure_;
};

}  // namespace mynah
