// SPDX-License-Identifier: Apache-2.0
// Identity: what is said about a version of a plug-in: by the plug-in itself, in the custom section
// of its file, and by whoever publishes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "market/refusal.h"

namespace mynah::market {

struct Identity {
  static constexpr std::size_t kIdBytesMax = 64;
  static constexpr std::size_t kNameBytesMax = 200;
  static constexpr std::size_t kTextBytesMax = 4'096;  // Of a description.
  static constexpr std::int64_t kPriorityMost = 1'000'000;

  std::string id;
  std::string name;
  std::string description;
  std::string version;
  std::string version_description;
  std::string language;
  std::string stage;  // authn, authz, stats, default
  std::optional<std::int32_t> priority;
  std::string on_failure;              // open, closed; empty: as the stage has it
  std::string min_gateway_version;     // Empty: any.
  std::string schema;                  // Of its configuration: JSON Schema. Empty: not known.
  std::optional<std::string> example;  // A configuration, as JSON.
};

// Reads the section's content. Fields that nobody knows are passed over: plug-ins are older and
// newer than the gateway.
Result<Identity> read_identity(std::string_view json);

// What is wrong with what it says, for a gateway of that version. Fields may be empty.
std::optional<Refusal> check_identity(const Identity& identity, std::string_view gateway_version);

// Which field is missing that a published version needs.
std::optional<Refusal> check_complete(const Identity& identity);

}  // namespace mynah::market
