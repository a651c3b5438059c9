// SPDX-License-Identifier: Apache-2.0
// For tests that speak TLS, in this layer and in those above: an authority that issues certificates
// into a folder of the test's own.
//
//   const TempFolder folder;
//   TestAuthority authority(folder);
//   auto server = *TlsServerContext::create({.certificates = {authority.issue({"example.org"})}});
//   auto client = *TlsClientContext::create({.ca_file = authority.file()});
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "aio/testing.h"
#include "aio/tls.h"
#include "base/check.h"

namespace mynah {

// When a certificate is valid, in seconds from the machine's time.
struct Validity {
  long from = -3600;
  long to = 3600;
};

class TestAuthority final {
 public:
  explicit TestAuthority(const TempFolder& folder)
      : folder_(folder), key_(EVP_EC_gen("P-256"), &EVP_PKEY_free) {
    certificate_ = make(key_.get(), {}, {});
    sign(certificate_.get());
    write(file(), certificate_.get(), nullptr);
  }

  // The authority's own certificate.
  [[nodiscard]] std::string file() const { return folder_.file("authority.pem"); }

  // A certificate for the names: host names, or numeric addresses.
  TlsCertificate issue(const std::vector<std::string>& names, Validity validity = {}) {
    const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    const Certificate certificate = make(key.get(), names, validity);
    sign(certificate.get());
    return store(certificate.get(), key.get());
  }

  // A certificate that only itself vouches for.
  TlsCertificate self_signed(const std::vector<std::string>& names) {
    const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    const Certificate certificate = make(key.get(), names, {});
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    return store(certificate.get(), key.get());
  }

 private:
  using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
  using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

  // Without names: the authority's own.
  Certificate make(EVP_PKEY* key, const std::vector<std::string>& names, Validity validity) {
    Certificate made(X509_new(), &X509_free);
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), validity.from);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), validity.to);
    X509_set_pubkey(made.get(), key);
    const std::string title = names.empty() ? "test authority" : names.front();
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(title.c_str()), -1, -1, 0);
    if (names.empty()) {
      extend(made.get(), NID_basic_constraints, "critical,CA:TRUE");
      extend(made.get(), NID_key_usage, "critical,keyCertSign");
      return made;
    }
    std::string alternatives;
    for (const std::string& name : names) {
      if (!alternatives.empty()) alternatives += ',';
      alternatives += (Address::from_ip(name, 0).ok() ? "IP:" : "DNS:") + name;
    }
    extend(made.get(), NID_subject_alt_name, alternatives);
    return made;
  }

  static void extend(X509* certificate, int which, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, which, value.c_str());
    MYNAH_CHECK(extension != nullptr);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }

  void sign(X509* certificate) {
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate_.get()));
    MYNAH_CHECK(X509_sign(certificate, key_.get(), EVP_sha256()) > 0);
  }

  TlsCertificate store(X509* certificate, EVP_PKEY* key) {
    const std::string stem = folder_.file("certificate-" + std::to_string(serial_));
    write(stem + ".pem", certificate, nullptr);
    write(stem + ".key", nullptr, key);
    return {stem + ".pem", stem + ".key"};
  }

  static void write(const std::string& path, X509* certificate, EVP_PKEY* key) {
    BIO* file = BIO_new_file(path.c_str(), "w");
    MYNAH_CHECK(file != nullptr);
    if (certificate != nullptr) PEM_write_bio_X509(file, certificate);
    if (key != nullptr) PEM_write_bio_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    BIO_free(file);
  }

  const TempFolder& folder_;
  long serial_ = 0;
  Key key_;
  Certificate certificate_{nullptr, &X509_free};
};

}  // namespace mynah
