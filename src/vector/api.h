// SPDX-License-Identifier: Apache-2.0
// Api: DashVector's HTTP interface to the database, as its public documentation describes it: bytes
// of a request in, status and bytes of an answer out. What carries them is not known here.
//
//   POST   /v1/collections                           create
//   GET    /v1/collections[/{c}[/stats]]             list, describe, statistics
//   DELETE /v1/collections/{c}
//   POST   /v1/collections/{c}/docs[/upsert]         insert, upsert
//   PUT    /v1/collections/{c}/docs                  update
//   DELETE /v1/collections/{c}/docs                  delete by ids, or all of a partition
//   GET    /v1/collections/{c}/docs?ids=a,b&partition=p      fetch
//   POST   /v1/collections/{c}/query                 by vector, by id, or by filter alone
//   POST   /v1/collections/{c}/partitions
//   GET    /v1/collections/{c}/partitions[/{p}[/stats]]
//   DELETE /v1/collections/{c}/partitions/{p}
//   GET    /service_version
//
// Every answer is {"request_id", "code", "message"[, "output"]}. What the database refuses is a
// code below zero with status 200, as DashVector has it; only what is no request at all (unknown
// path, method, too large) has another status. Beyond DashVector: a document to be written may
// carry "ttl", the seconds after which it ends. Of DashVector it does not do: sparse vectors,
// several vectors a document, grouping, ordering by fields.
#pragma once

#include <cstddef>
#include <string>

#include "vector/database.h"

namespace mynah::vector {

inline constexpr std::size_t kRequestBytesMax = std::size_t{32} << 20;

struct ApiRequest {
  std::string method;
  std::string target;  // path and query
  std::string body;
  std::string request_id;
};

struct ApiReply {
  int status = 200;
  std::string body;
};

ApiReply handle(Database& database, const ApiRequest& request);

// The answer to what is not worth reading.
ApiReply refusal(int status, Reason reason, std::string_view what, std::string_view request_id);

}  // namespace mynah::vector
