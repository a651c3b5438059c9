// SPDX-License-Identifier: Apache-2.0
// OpenSSL over the connection's plain reads and writes, so that the readiness flags hold for TLS as
// they do without: no system call is made that is known to find nothing, and none raises SIGPIPE.
// OpenSSL keeps errors in a queue a thread; it is emptied before each call whose outcome is read
// from it.
#include "aio/tls.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace mynah {

struct TlsServerContext::Entry {
  SSL_CTX* context = nullptr;
  X509* certificate = nullptr;  // Borrowed from the context.
};

namespace {

// A record's worth: what several small pieces are gathered into, so that they leave as one record.
constexpr std::size_t kGather = 16 * 1024;

std::string openssl_reason() {
  const unsigned long code = ERR_peek_error();
  ERR_clear_error();
  if (code == 0) return "unknown reason";
  if (ERR_SYSTEM_ERROR(code)) return std::strerror(ERR_GET_REASON(code));
  if (const char* reason = ERR_reason_error_string(code); reason != nullptr) return reason;
  return "error " + std::to_string(code);
}

int version_number(TlsVersion version) {
  return version == TlsVersion::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
}

Result<std::string> alpn_list(const std::vector<std::string>& protocols) {
  std::string list;
  for (const std::string& protocol : protocols) {
    if (protocol.empty() || protocol.size() > 255) {
      return Error{Errc::invalid_argument, "the name of a TLS protocol has 1 to 255 characters"};
    }
    list.push_back(static_cast<char>(protocol.size()));
    list += protocol;
  }
  return list;
}

Status load(SSL_CTX* context, const TlsCertificate& certificate) {
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, certificate.chain_file.c_str()) != 1) {
    return Error{Errc::invalid_argument,
                 "certificate " + certificate.chain_file + ": " + openssl_reason()};
  }
  const bool loaded =
      SSL_CTX_use_PrivateKey_file(context, certificate.key_file.c_str(), SSL_FILETYPE_PEM) == 1;
  if (!loaded && ERR_GET_REASON(ERR_peek_error()) != X509_R_KEY_VALUES_MISMATCH) {
    return Error{Errc::invalid_argument, "key " + certificate.key_file + ": " + openssl_reason()};
  }
  if (!loaded || SSL_CTX_check_private_key(context) != 1) {
    ERR_clear_error();
    return Error{Errc::invalid_argument, "key " + certificate.key_file +
                                             " does not belong to certificate " +
                                             certificate.chain_file};
  }
  return ok();
}

void set_common(SSL_CTX* context, TlsVersion version_min) {
  SSL_CTX_set_min_proto_version(context, version_number(version_min));
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  // Resumption by tickets needs no memory that workers would have to share.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_read_ahead(context, 1);
}

}  // namespace

Result<std::shared_ptr<const TlsServerContext>> TlsServerContext::create(
    const TlsServerOptions& options) {
  if (options.certificates.empty())
    return Error{Errc::invalid_argument, "a TLS listener needs a certificate"};
  // tidy: allow shared_ptr: constant once it is made
  std::shared_ptr<TlsServerContext> made(
      new TlsServerContext());  // tidy: allow new: private constructor
  MYNAH_LET(made->protocols_, alpn_list(options.protocols));
  for (const TlsCertificate& certificate : options.certificates) {
    auto& entry = *made->entries_.emplace_back(std::make_unique<Entry>());
    entry.context = SSL_CTX_new(TLS_server_method());
    if (entry.context == nullptr)
      return Error{Errc::internal, "make a TLS context: " + openssl_reason()};
    set_common(entry.context, options.version_min);
    // Of TLS 1.2 only what keeps past traffic secret when a key leaks, and authenticates what it
    // encrypts.
    SSL_CTX_set_cipher_list(entry.context, "ECDHE+AESGCM:ECDHE+CHACHA20");
    MYNAH_OK(load(entry.context, certificate));
    entry.certificate = SSL_CTX_get0_certificate(entry.context);
    SSL_CTX_set_tlsext_servername_callback(entry.context, &TlsServerContext::choose_certificate);
    SSL_CTX_set_tlsext_servername_arg(entry.context, made.get());
    SSL_CTX_set_alpn_select_cb(entry.context, &TlsServerContext::choose_protocol, made.get());
  }
  return std::shared_ptr<const TlsServerContext>(std::move(made));
}

TlsServerContext::~TlsServerContext() {
  for (const auto& entry : entries_) SSL_CTX_free(entry->context);
}

int TlsServerContext::choose_certificate(SSL* session, int*, void* self) {
  const auto& context = *static_cast<const TlsServerContext*>(self);
  const char* name = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
  for (const auto& entry : context.entries_) {
    if (X509_check_host(entry->certificate, name, 0, 0, nullptr) != 1) continue;
    SSL_set_SSL_CTX(session, entry->context);
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_NOACK;
}

int TlsServerContext::choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                                      const unsigned char* in, unsigned in_size, void* self) {
  const std::string& ours = static_cast<const TlsServerContext*>(self)->protocols_;
  if (ours.empty()) return SSL_TLSEXT_ERR_NOACK;
  const int outcome = SSL_select_next_proto(const_cast<unsigned char**>(out), out_size,
                                            reinterpret_cast<const unsigned char*>(ours.data()),
                                            static_cast<unsigned>(ours.size()), in, in_size);
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

Result<std::shared_ptr<const TlsClientContext>> TlsClientContext::create(
    const TlsClientOptions& options) {
  // tidy: allow shared_ptr: constant once it is made
  std::shared_ptr<TlsClientContext> made(
      new TlsClientContext());  // tidy: allow new: private constructor
  made->verify_ = options.verify;
  made->context_ = SSL_CTX_new(TLS_client_method());
  if (made->context_ == nullptr)
    return Error{Errc::internal, "make a TLS context: " + openssl_reason()};
  set_common(made->context_, options.version_min);
  SSL_CTX_set_max_proto_version(made->context_, version_number(options.version_max));
  ERR_clear_error();
  const int loaded = options.ca_file.empty()
                         ? SSL_CTX_set_default_verify_paths(made->context_)
                         : SSL_CTX_load_verify_file(made->context_, options.ca_file.c_str());
  if (loaded != 1 && options.verify) {
    return Error{Errc::invalid_argument,
                 "certificate authorities " + options.ca_file + ": " + openssl_reason()};
  }
  if (options.certificate) MYNAH_OK(load(made->context_, *options.certificate));
  MYNAH_LET(const std::string protocols, alpn_list(options.protocols));
  if (!protocols.empty()) {
    SSL_CTX_set_alpn_protos(made->context_,
                            reinterpret_cast<const unsigned char*>(protocols.data()),
                            static_cast<unsigned>(protocols.size()));
  }
  SSL_CTX_set_verify(made->context_, options.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  return std::shared_ptr<const TlsClientContext>(std::move(made));
}

TlsClientContext::~TlsClientContext() { SSL_CTX_free(context_); }

TlsSession::~TlsSession() {
  close_notify();
  SSL_free(session_);
  ERR_clear_error();
}

// The functions that OpenSSL reads and writes by.
struct TlsSession::Wire {
  static int read(BIO* bio, char* room, int size) {
    auto& session = *static_cast<TlsSession*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    auto got = session.connection_->try_read_plain(std::span(room, static_cast<std::size_t>(size)));
    if (!got) {
      BIO_set_retry_read(bio);
      return -1;
    }
    if (!*got) {
      session.wire_error_ = std::move(*got).error();
      return -1;
    }
    return static_cast<int>(**got);
  }

  static int write(BIO* bio, const char* bytes, int size) {
    auto& session = *static_cast<TlsSession*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const iovec piece{const_cast<char*>(bytes), static_cast<std::size_t>(size)};
    auto sent = session.connection_->try_write_plain(std::span(&piece, 1));
    if (!sent) {
      session.wire_error_ = std::move(sent).error();
      return -1;
    }
    if (*sent > 0) return static_cast<int>(*sent);
    BIO_set_retry_write(bio);
    return -1;
  }

  static long control(BIO*, int command, long, void*) {
    // OpenSSL asks for the end when a read returned nothing, which is when it has come.
    return command == BIO_CTRL_FLUSH || command == BIO_CTRL_EOF ? 1 : 0;
  }

  static const BIO_METHOD* method() {
    static const std::unique_ptr<BIO_METHOD, decltype(&BIO_meth_free)> made = [] {
      BIO_METHOD* fresh = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "connection");
      MYNAH_CHECK(fresh != nullptr);
      BIO_meth_set_read(fresh, &Wire::read);
      BIO_meth_set_write(fresh, &Wire::write);
      BIO_meth_set_ctrl(fresh, &Wire::control);
      return std::unique_ptr<BIO_METHOD, decltype(&BIO_meth_free)>(fresh, &BIO_meth_free);
    }();
    return made.get();
  }
};

void TlsSession::attach(Connection& connection) {
  connection_ = &connection;
  BIO* bio = BIO_new(Wire::method());
  MYNAH_CHECK(bio != nullptr);
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(session_, bio, bio);
}

void TlsSession::close_notify() {
  if (!std::exchange(farewell_due_, false) || connection_ == nullptr || SSL_in_init(session_) != 0)
    return;
  ERR_clear_error();
  // A peer whose window is full misses the farewell; it does not get what comes before either.
  SSL_shutdown(session_);
}

Error TlsSession::fail(int reason) {
  failed_ = true;
  farewell_due_ = false;
  // Otherwise the socket's error is that of the alert by which OpenSSL answers the failure.
  if (reason == SSL_ERROR_SYSCALL && wire_error_) return *wire_error_;
  if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    ERR_clear_error();
    return {Errc::closed, "the peer closed the connection in the middle of the TLS stream"};
  }
  return {Errc::protocol, "TLS: " + openssl_reason()};
}

std::string_view TlsSession::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(session_, &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string_view TlsSession::version() const { return SSL_get_version(session_); }

std::string_view TlsSession::server_name() const {
  const char* name = SSL_get_servername(session_, TLSEXT_NAMETYPE_host_name);
  return name == nullptr ? std::string_view() : std::string_view(name);
}

bool TlsSession::pending() const { return !needs_more_ && SSL_has_pending(session_) == 1; }

std::optional<Result<std::size_t>> TlsSession::try_read(std::span<char> room, Take take) {
  if (failed_) return Error{Errc::closed, "the TLS stream has failed before"};
  if (!connection_->readiness_.readable && !pending()) return std::nullopt;
  ERR_clear_error();
  std::size_t got = 0;
  const int outcome = take == Take::yes ? SSL_read_ex(session_, room.data(), room.size(), &got)
                                        : SSL_peek_ex(session_, room.data(), room.size(), &got);
  needs_more_ = false;
  if (outcome == 1) return got;
  const int reason = SSL_get_error(session_, outcome);
  switch (reason) {
    case SSL_ERROR_WANT_READ:
      needs_more_ = true;
      return std::nullopt;
    case SSL_ERROR_WANT_WRITE:
      return std::nullopt;
    case SSL_ERROR_ZERO_RETURN:
      return std::size_t{0};
    default:
      return fail(reason);
  }
}

Result<std::size_t> TlsSession::try_write(std::span<const iovec> pieces) {
  if (failed_) return Error{Errc::closed, "the TLS stream has failed before"};
  while (!pieces.empty() && pieces.front().iov_len == 0) pieces = pieces.subspan(1);
  if (pieces.empty() || !connection_->readiness_.writable) return std::size_t{0};
  // Several small pieces become one record, one large piece goes as it is.
  std::array<char, kGather> gathered;
  const void* from = pieces.front().iov_base;
  std::size_t size = pieces.front().iov_len;
  if (pieces.size() > 1 && size < kGather) {
    size = 0;
    for (const iovec& piece : pieces) {
      if (piece.iov_len == 0) continue;  // It may have no memory, which memcpy does not take.
      const std::size_t part = std::min(piece.iov_len, kGather - size);
      std::memcpy(gathered.data() + size, piece.iov_base, part);
      size += part;
      if (size == kGather) break;
    }
    from = gathered.data();
  }
  ERR_clear_error();
  std::size_t sent = 0;
  const int outcome = SSL_write_ex(session_, from, size, &sent);
  if (outcome == 1) return sent;
  const int reason = SSL_get_error(session_, outcome);
  switch (reason) {
    case SSL_ERROR_WANT_WRITE:
    case SSL_ERROR_WANT_READ:
      return std::size_t{0};
    default:
      return fail(reason);
  }
}

TlsHandshake::TlsHandshake(Connection& connection, const TlsServerContext& context,
                           Instant deadline)
    : ConnectionWait(connection, Direction::read, deadline) {
  SSL* session = SSL_new(context.entries_.front()->context);
  MYNAH_CHECK(session != nullptr);
  SSL_set_accept_state(session);
  connection.set_tls(std::make_unique<TlsSession>(session));
}

TlsHandshake::TlsHandshake(Connection& connection, const TlsClientContext& context,
                           const std::string& server_name, Instant deadline)
    : ConnectionWait(connection, Direction::read, deadline) {
  SSL* session = SSL_new(context.context_);
  MYNAH_CHECK(session != nullptr);
  SSL_set_connect_state(session);
  connection.set_tls(std::make_unique<TlsSession>(session));
  const bool is_ip = Address::from_ip(server_name, 0).ok();
  X509_VERIFY_PARAM* rules = SSL_get0_param(session);
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  int accepted = 1;
  if (!is_ip && !server_name.empty())
    accepted = static_cast<int>(SSL_set_tlsext_host_name(session, server_name.c_str()));
  if (accepted == 1 && context.verify_) {
    accepted = is_ip ? X509_VERIFY_PARAM_set1_ip_asc(rules, server_name.c_str())
                     : X509_VERIFY_PARAM_set1_host(rules, server_name.data(), server_name.size());
    // OpenSSL takes an empty name for "any name will do".
    if (server_name.empty()) accepted = 0;
  }
  if (accepted != 1) {
    failure_ = Error{Errc::invalid_argument,
                     "TLS handshake: \"" + server_name + "\" is not a name of a server"};
  }
}

bool TlsHandshake::attempt() {
  if (failure_) return true;
  TlsSession& tls = *connection_.tls();
  ERR_clear_error();
  const int outcome = SSL_do_handshake(tls.session_);
  if (outcome == 1) return true;
  const int reason = SSL_get_error(tls.session_, outcome);
  if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE) return false;
  failure_ = tls.fail(reason);
  const long verdict = SSL_get_verify_result(tls.session_);
  if (verdict != X509_V_OK) failure_->what = X509_verify_cert_error_string(verdict);
  failure_->what.insert(0, "TLS handshake: ");
  return true;
}

Status TlsHandshake::await_resume() {
  if (timed_out_) return Error{Errc::timeout, "the TLS handshake took too long"};
  if (failure_) return *std::move(failure_);
  return ok();
}

}  // namespace mynah
