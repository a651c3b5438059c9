// SPDX-License-Identifier: Apache-2.0
// Files of weights, of both formats: each is refused, or makes a model that yields as many vectors
// as it is given texts, whatever numbers it consists of.
#include <cstdlib>
#include <string>

#include "embed/bert.h"
#include "embed/weights.h"

namespace {

using namespace mynah::embed;

void require(bool condition) {
  if (!condition) std::abort();
}

void check(const WeightFile& file) {
  const auto model = Bert::read(file, {.heads = file.heads() ? file.heads() : 1});
  if (!model || model->positions() < 2) return;
  const std::uint32_t last = static_cast<std::uint32_t>(model->vocabulary() - 1);
  const std::uint32_t ids[] = {0, last};
  const TokenSpan texts[] = {TokenSpan(ids), TokenSpan(ids).first(1)};
  Bert::Workspace workspace;
  const auto vectors = model->run(texts, workspace, detail::kPlainKernels);
  require(vectors.size() == 2 * model->width());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  if (const auto file = open_onnx(bytes)) check(**file);
  if (const auto file = open_safetensors(bytes)) check(**file);
  return 0;
}
