// SPDX-License-Identifier: Apache-2.0
// Secrets through OpenSSL. A hash of a password is "scrypt$LOG2_N$R$P$SALT$KEY", both in
// hexadecimal.
#include "control/admin/secrets.h"

#include <array>
#include <cstdint>
#include <optional>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/check.h"
#include "base/secret.h"
#include "base/text.h"

namespace mynah::control {

namespace {

constexpr unsigned kLog2N = 15;
constexpr unsigned kR = 8;
constexpr unsigned kP = 1;
// What a stored hash may ask for at most, should somebody have tampered with it.
constexpr unsigned kLog2NMax = 18;
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kPasswordBytesMax = 1024;

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  MYNAH_CHECK(
      ::RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) == 1);
  return bytes;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

std::optional<std::string> from_hex(std::string_view hex) {
  std::string bytes;
  if (hex.size() % 2 != 0) return std::nullopt;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    std::uint8_t byte = 0;
    const auto [end, failure] = std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
    if (failure != std::errc() || end != hex.data() + i + 2) return std::nullopt;
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

std::optional<std::string> scrypt(std::string_view password, std::string_view salt, unsigned log2_n,
                                  unsigned r, unsigned p) {
  constexpr std::uint64_t kMemoryMax = 512ULL << 20;
  std::string key(kKeyBytes, '\0');
  const int done = ::EVP_PBE_scrypt(password.data(), password.size(),
                                    reinterpret_cast<const unsigned char*>(salt.data()),
                                    salt.size(), 1ULL << log2_n, r, p, kMemoryMax,
                                    reinterpret_cast<unsigned char*>(key.data()), key.size());
  if (done != 1) return std::nullopt;
  return key;
}

}  // namespace

std::string random_secret() { return to_hex(random_bytes(32)); }

std::string random_password() {
  // 32 characters that are not mistaken for one another: five bits each, without a bias.
  constexpr std::string_view kLetters = "abcdefghijkmnpqrstuvwxyz23456789";
  std::string password;
  for (const char c : random_bytes(20)) {
    if (password.size() % 5 == 4) password += '-';
    password += kLetters[static_cast<unsigned char>(c) % kLetters.size()];
  }
  return password;
}

std::string sha256_hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  MYNAH_CHECK(
      ::EVP_Digest(text.data(), text.size(), digest.data(), &size, ::EVP_sha256(), nullptr) == 1);
  return to_hex({reinterpret_cast<const char*>(digest.data()), size});
}

std::string hash_password(std::string_view password) {
  const std::string salt = random_bytes(16);
  const auto key = scrypt(password, salt, kLog2N, kR, kP);
  MYNAH_CHECK(key.has_value());
  return cat("scrypt$", kLog2N, "$", kR, "$", kP, "$", to_hex(salt), "$", to_hex(*key));
}

bool verify_password(std::string_view password, std::string_view hash) {
  const auto parts = split(hash, '$');
  if (parts.size() != 6 || parts[0] != "scrypt" || password.size() > kPasswordBytesMax)
    return false;
  const auto log2_n = parse_number<unsigned>(parts[1]);
  const auto r = parse_number<unsigned>(parts[2]);
  const auto p = parse_number<unsigned>(parts[3]);
  const auto salt = from_hex(parts[4]);
  const auto key = from_hex(parts[5]);
  if (!log2_n || !r || !p || !salt || !key) return false;
  if (*log2_n < 1 || *log2_n > kLog2NMax || *r < 1 || *r > 16 || *p < 1 || *p > 4) return false;
  const auto found = scrypt(password, *salt, *log2_n, *r, *p);
  return found && same_secret(*found, *key);
}

Task<Result<std::string>> PasswordWork::hash_here(std::string password) {
  co_return hash_password(password);
}

Task<Result<bool>> PasswordWork::verify_here(std::string password, std::string hash) {
  co_return verify_password(password, hash);
}

}  // namespace mynah::control
