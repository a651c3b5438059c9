// SPDX-License-Identifier: Apache-2.0
// What stands beside the file: services, routes and plug-ins that were made through the admin API
// and are kept under `data`. Each is a JSON object in the file's own vocabulary, read by the same
// code with the same checks after the file's own objects; a problem in one is told with its kind
// and name in the place of the file, "routes/chat: match.path: …".
//
// An object of the API names no files of the gateway's machine, and nothing in it stands for the
// environment: whoever may change routes may not read what the process can read.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "control/config/problems.h"
#include "control/config/reader.h"
#include "gateway/model.h"

namespace mynah::control {

enum class ObjectKind : std::uint8_t { service, route, plugin };
inline constexpr std::array kObjectKinds = {ObjectKind::service, ObjectKind::route,
                                            ObjectKind::plugin};

// "services", "routes", "plugins": the field of the file, and the path of the API.
std::string_view plural_of(ObjectKind kind);
// "service", "route", "plug-in": in sentences.
std::string_view word_for(ObjectKind kind);

struct KeptObject {
  ObjectKind kind = ObjectKind::route;
  std::string name;
  std::string json;
};
using Overlay = std::vector<KeptObject>;

// Whether there is such an object.
const KeptObject* find_object(const Overlay& overlay, ObjectKind kind, std::string_view name);

// Appends the overlay's objects of a kind to the configuration.
void read_overlay(const Overlay& overlay, ObjectKind kind, Problems& problems, Reader& reader,
                  model::Config& config);

}  // namespace mynah::control
