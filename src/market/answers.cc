// SPDX-License-Identifier: Apache-2.0
// Refusals as answers of the API.
#include "market/answers.h"

#include <utility>

#include "base/json_writer.h"
#include "base/text.h"

namespace mynah::market {
namespace {

using control::api_error;
using control::ApiResponse;

std::uint16_t status_of(RefusalCode code) {
  switch (code) {
    case RefusalCode::too_large:
      return 413;
    case RefusalCode::id_taken:
    case RefusalCode::built_in:
    case RefusalCode::version_exists:
      return 409;
    default:
      return 422;
  }
}

}  // namespace

ApiResponse refusal_answer(const Refusal& refusal) {
  JsonWriter details;
  details.begin_object().member("remedy", remedy_of(refusal.code)).end_object();
  return api_error(status_of(refusal.code), name_of(refusal.code), refusal.sentence,
                   details.text());
}

ApiResponse no_plugin(std::string_view id) {
  return api_error(404, "not-found", cat("there is no plug-in ", utf8_prefix(id, 80)));
}

ApiResponse no_version(std::string_view id, std::string_view version) {
  return api_error(404, "not-found", cat(id, " has no version ", utf8_prefix(version, 80)));
}

ApiResponse in_file(std::string_view id) {
  return api_error(409, "in-file",
                   cat(id, " stands in the configuration file, and is changed there"));
}

ApiResponse in_use(std::string_view id, const std::vector<std::string>& where) {
  JsonWriter details;
  details.begin_object().key("where").begin_array();
  for (const std::string& place : where) details.value(place);
  details.end_array().end_object();
  return api_error(409, "in-use", cat(id, " is in use: ", join(where, ", ")), details.text());
}

ApiResponse config_refused(std::string_view id, std::string_view scope,
                           const std::vector<Misfit>& misfits) {
  JsonWriter details;
  details.begin_object().member("scope", scope).key("misfits").begin_array();
  for (const Misfit& misfit : misfits) {
    details.begin_object().member("path", misfit.path).member("reason", misfit.reason);
    details.end_object();
  }
  details.end_array().end_object();
  const Misfit& first = misfits.front();
  return api_error(422, "config-refused",
                   cat("the configuration of ", id, " at ", scope, ": ",
                       first.path.empty() ? "it" : first.path, " ", first.reason),
                   details.text());
}

ApiResponse change_refused(const Error& error) {
  if (error.code != Errc::invalid_argument) return api_error(error);
  return api_error(422, "not-live", error.what);
}

}  // namespace mynah::market
