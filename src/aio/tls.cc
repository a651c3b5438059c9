// SPDX-License-Identifier: Apache-2.0
// OpenSSL on the connection's own descriptor. OpenSSL keeps errors in a queue a thread; it is emptied before each call
// whose outcome is read from it.
#include "aio/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

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
  std::array<char, 256> text{};
  ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

int version_number(TlsVersion version) { return version == TlsVersion::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION; }

std::string alpn_list(const std::vector<std::string>& protocols) {
  std::string list;
  for (const std::string& protocol : protocols) {
    list.push_back(static_cast<char>(protocol.size()));
    list += protocol;
  }
  return list;
}

Status load(SSL_CTX* context, const TlsCertificate& certificate) {
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, certificate.chain_file.c_str()) != 1) {
    return Error{Errc::invalid_argument, "certificate " + certificate.chain_file + ": " + openssl_reason()};
  }
  if (SSL_CTX_use_PrivateKey_file(context, certificate.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return Error{Errc::invalid_argument, "key " + certificate.key_file + ": " + openssl_reason()};
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    return Error{Errc::invalid_argument,
                 "key " + certificate.key_file + " does not belong to certificate " + certificate.chain_file};
  }
  return ok();
}

void set_common(SSL_CTX* context, TlsVersion version_min) {
  SSL_CTX_set_min_proto_version(context, version_number(version_min));
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  // Resumption by tickets needs no memory that workers would have to share.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_read_ahead(context, 1);
}

}  // namespace

Result<std::shared_ptr<const TlsServerContext>> TlsServerContext::create(const TlsServerOptions& options) {
  if (options.certificates.empty()) return Error{Errc::invalid_argument, "a TLS listener needs a certificate"};
  std::shared_ptr<TlsServerContext> made(new TlsServerContext());  // tidy: allow new: private constructor
  made->protocols_ = alpn_list(options.protocols);
  for (const TlsCertificate& certificate : options.certificates) {
    auto& entry = *made->entries_.emplace_back(std::make_unique<Entry>());
    entry.context = SSL_CTX_new(TLS_server_method());
    if (entry.context == nullptr) return Error{Errc::internal, "make a TLS context: " + openssl_reason()};
    set_common(entry.context, options.version_min);
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

int TlsServerContext::choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                                      unsigned in_size, void* self) {
  const std::string& ours = static_cast<const TlsServerContext*>(self)->protocols_;
  const int outcome = SSL_select_next_proto(const_cast<unsigned char**>(out), out_size,
                                            reinterpret_cast<const unsigned char*>(ours.data()),
                                            static_cast<unsigned>(ours.size()), in, in_size);
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

Result<std::shared_ptr<const TlsClientContext>> TlsClientContext::create(const TlsClientOptions& options) {
  std::shared_ptr<TlsClientContext> made(new TlsClientContext());  // tidy: allow new: private constructor
  made->verify_ = options.verify;
  made->context_ = SSL_CTX_new(TLS_client_method());
  if (made->context_ == nullptr) return Error{Errc::internal, "make a TLS context: " + openssl_reason()};
  set_common(made->context_, options.version_min);
  ERR_clear_error();
  const int loaded = options.ca_file.empty() ? SSL_CTX_set_default_verify_paths(made->context_)
                                             : SSL_CTX_load_verify_file(made->context_, options.ca_file.c_str());
  if (loaded != 1) {
    return Error{Errc::invalid_argument, "certificate authorities " + options.ca_file + ": " + openssl_reason()};
  }
  if (options.certificate) MYNAH_OK(load(made->context_, *options.certificate));
  const std::string protocols = alpn_list(options.protocols);
  if (!protocols.empty()) {
    SSL_CTX_set_alpn_protos(made->context_, reinterpret_cast<const unsigned char*>(protocols.data()),
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

void TlsSession::attach(int descriptor) { SSL_set_fd(session_, descriptor); }

void TlsSession::close_notify() {
  if (failed_ || SSL_in_init(session_) != 0) return;
  ERR_clear_error();
  if (SSL_shutdown(session_) < 0) failed_ = true;
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

bool TlsSession::pending() const { return SSL_has_pending(session_) == 1; }

std::optional<Result<std::size_t>> TlsSession::try_read(std::span<char> room, Readiness& readiness) {
  while (readiness.readable || pending()) {
    ERR_clear_error();
    std::size_t got = 0;
    const int outcome = SSL_read_ex(session_, room.data(), room.size(), &got);
    if (outcome == 1) return got;
    switch (SSL_get_error(session_, outcome)) {
      case SSL_ERROR_WANT_READ:
        readiness.readable = false;
        return std::nullopt;
      case SSL_ERROR_WANT_WRITE:
        readiness.writable = false;
        return std::nullopt;
      case SSL_ERROR_ZERO_RETURN:
        return std::size_t{0};
      case SSL_ERROR_SYSCALL:
        failed_ = true;
        return Error{Errc::closed, std::string("read: ") + std::strerror(errno)};
      default:
        failed_ = true;
        return Error{Errc::protocol, "TLS: " + openssl_reason()};
    }
  }
  return std::nullopt;
}

Result<std::size_t> TlsSession::try_write(std::span<const iovec> pieces, Readiness& readiness) {
  if (!readiness.writable) return std::size_t{0};
  // Several small pieces become one record, one large piece goes as it is.
  std::array<char, kGather> gathered;
  const void* from = pieces.front().iov_base;
  std::size_t size = pieces.front().iov_len;
  if (pieces.size() > 1 && size < kGather) {
    size = 0;
    for (const iovec& piece : pieces) {
      const std::size_t part = std::min(piece.iov_len, kGather - size);
      std::memcpy(gathered.data() + size, piece.iov_base, part);
      size += part;
      if (part < piece.iov_len) break;
    }
    from = gathered.data();
  }
  ERR_clear_error();
  std::size_t sent = 0;
  const int outcome = SSL_write_ex(session_, from, size, &sent);
  if (outcome == 1) return sent;
  switch (SSL_get_error(session_, outcome)) {
    case SSL_ERROR_WANT_WRITE:
      readiness.writable = false;
      return std::size_t{0};
    case SSL_ERROR_WANT_READ:
      readiness.readable = false;
      return std::size_t{0};
    case SSL_ERROR_SYSCALL:
      failed_ = true;
      return Error{Errc::closed, std::string("write: ") + std::strerror(errno)};
    default:
      failed_ = true;
      return Error{Errc::protocol, "TLS: " + openssl_reason()};
  }
}

TlsHandshake::TlsHandshake(Connection& connection, const TlsServerContext& context, Instant deadline)
    : ConnectionWait(connection, Direction::read, deadline) {
  SSL* session = SSL_new(context.entries_.front()->context);
  SSL_set_accept_state(session);
  connection.set_tls(std::make_unique<TlsSession>(session));
}

TlsHandshake::TlsHandshake(Connection& connection, const TlsClientContext& context, const std::string& server_name,
                           Instant deadline)
    : ConnectionWait(connection, Direction::read, deadline) {
  SSL* session = SSL_new(context.context_);
  SSL_set_connect_state(session);
  const bool is_ip = Address::from_ip(server_name, 0).ok();
  if (!is_ip) SSL_set_tlsext_host_name(session, server_name.c_str());
  if (context.verify_ && is_ip) X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), server_name.c_str());
  if (context.verify_ && !is_ip) SSL_set1_host(session, server_name.c_str());
  connection.set_tls(std::make_unique<TlsSession>(session));
}

bool TlsHandshake::attempt() {
  TlsSession& tls = *connection_.tls();
  ERR_clear_error();
  const int outcome = SSL_do_handshake(tls.session_);
  if (outcome == 1) return true;
  switch (SSL_get_error(tls.session_, outcome)) {
    case SSL_ERROR_WANT_READ:
      readiness_of(connection_).readable = false;
      if (!connection_.peer_closed()) return false;
      failure_ = Error{Errc::closed, "the peer closed in the middle of the TLS handshake"};
      break;
    case SSL_ERROR_WANT_WRITE:
      readiness_of(connection_).writable = false;
      return false;
    case SSL_ERROR_SYSCALL:
      failure_ = Error{Errc::closed, "the peer closed in the middle of the TLS handshake"};
      break;
    default: {
      const long verdict = SSL_get_verify_result(tls.session_);
      const std::string reason = openssl_reason();
      failure_ = Error{Errc::protocol, "TLS handshake: " + (verdict == X509_V_OK
                                                                ? reason
                                                                : std::string(X509_verify_cert_error_string(verdict)))};
    }
  }
  tls.failed_ = true;
  return true;
}

Status TlsHandshake::await_resume() {
  if (timed_out_) return Error{Errc::timeout, "the TLS handshake took too long"};
  if (failure_) return *std::move(failure_);
  return ok();
}

}  // namespace mynah
