// SPDX-License-Identifier: Apache-2.0
// The embedder behind the HTTP APIs that plug-ins and clients know, told apart by their paths:
//
//   POST …/embeddings                                            OpenAI's; encoding_format, too
//   POST …/services/embeddings/text-embedding/text-embedding     DashScope's
//   GET  …/models                                                OpenAI's list
//
// The model that a request names is used when it is one that comes with Mynah; any other name
// leaves the choice to the text's script, so that a plug-in made for a vendor's model needs no
// change. Since vectors of two models belong into two indexes, answers name the model that made
// them: in `model`, in `model` of each vector, and in the header x-mynah-embedding-model.
//
// Errors have the shape of the API that was called, with these codes:
//
//   400 invalid-request, empty-text, unsupported-option    413 too-large, too-many-texts
//   422 unrepresentable-text   the model cannot tell this text from others: do not cache by it
//   429 overloaded             with retry-after
//   503 model-unavailable      the model is missing or damaged
#pragma once

#include <string>

#include "aio/loop.h"
#include "embed/embedder.h"
#include "http/local_exchange.h"

namespace mynah {

// `folder` is that of another model for all texts, or empty. The embedder outlives the handler.
http::LocalHandler embeddings(Loop& loop, embed::Embedder& embedder, std::string folder);

}  // namespace mynah
