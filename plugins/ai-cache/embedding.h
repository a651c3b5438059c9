// SPDX-License-Identifier: Apache-2.0
// Embedding: the service that turns a question into a vector. Without a word in the configuration
// it is the embedded one; else one that speaks OpenAI's API or DashScope's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "breaker.h"
#include <mynah/config.h>
#include <mynah/http.h>

// A vector as its service wrote it. It goes on to the index as it came; nobody here counts with it.
struct Vector {
  std::string numbers;  // a JSON array
  std::size_t dimension = 0;
  std::string model;
};

// Refuses what is no bare host name: a URL above all.
mynah::Status check_host(std::string_view host);

struct Embedding {
  enum class Api : std::uint8_t { openai, dashscope };

  Api api = Api::openai;
  std::string service = "embedder";
  std::uint16_t port = 443;
  std::string host;
  std::chrono::milliseconds timeout{5000};
  std::string model;
  mynah::Secret key;
  mutable Breaker breaker;      // whether it works
  mutable Breaker punctuality;  // and whether in the time that a look-up has

  // Errc::unsupported when the text is one that the model does not take.
  mynah::Task<mynah::Result<Vector>> embed(std::string_view text) const;

  static void describe(mynah::Schema<Embedding>& schema);
  [[nodiscard]] mynah::Status check() const;
};
