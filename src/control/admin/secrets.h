// SPDX-License-Identifier: Apache-2.0
// Passwords, tokens and session ids: made at random, kept as hashes only, compared in a time that
// does not depend on what they are.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"

namespace mynah::control {

// 64 hexadecimal digits from 32 random bytes: a session id or a token.
std::string random_secret();
// A password that a person can type: five groups of four letters and digits, 100 random bits.
std::string random_password();

// The SHA-256 of a text, in hexadecimal digits: enough for secrets that are random themselves.
std::string sha256_hex(std::string_view text);

// For passwords, which people choose: scrypt with a random salt. It takes a tenth of a second and
// 32 MiB on purpose, so it does not belong on a thread that serves others. The result carries its
// parameters; old ones stay readable when they change.
std::string hash_password(std::string_view password);
bool verify_password(std::string_view password, std::string_view hash);

// The same two as whoever serves others has them done: by another thread, or, by default, at once.
struct PasswordWork {
  std::function<Task<Result<std::string>>(std::string password)> hash = hash_here;
  std::function<Task<Result<bool>>(std::string password, std::string hash)> verify = verify_here;

  static Task<Result<std::string>> hash_here(std::string password);
  static Task<Result<bool>> verify_here(std::string password, std::string hash);
};

}  // namespace mynah::control
