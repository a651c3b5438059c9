// SPDX-License-Identifier: Apache-2.0
// How long a text takes on one core, alone and in batches, with each variant of the arithmetic.
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/check.h"
#include "embed/model.h"

namespace mynah::embed {
namespace {

const Model& model_of(bool chinese) {
  static const auto english = Model::read(MYNAH_MODELS "/bge-small-en-v1.5-q");
  static const auto other = Model::read(MYNAH_MODELS "/bge-small-zh-v1.5-q");
  MYNAH_CHECK(english.ok() && other.ok());
  return chinese ? **other : **english;
}

// Arguments: whether Chinese, texts in a batch, tokens in a text, variant of the kernels.
void run_texts(benchmark::State& state) {
  const auto kernels = kernels_of_this_machine();
  const auto variant = static_cast<std::size_t>(state.range(3));
  if (variant >= kernels.size()) return state.SkipWithError("not on this machine");
  const Model& model = model_of(state.range(0) != 0);
  const auto texts = static_cast<std::size_t>(state.range(1));
  std::vector<std::uint32_t> ids = {101};
  while (ids.size() + 1 < static_cast<std::size_t>(state.range(2)))
    ids.push_back(static_cast<std::uint32_t>(1000 + 7 * ids.size()));
  ids.push_back(102);
  const std::vector<TokenSpan> batch(texts, TokenSpan(ids));
  Bert::Workspace workspace;
  for (auto _ : state)
    benchmark::DoNotOptimize(model.bert().run(batch, workspace, *kernels[variant]));
  state.SetLabel(kernels[variant]->name);
  state.SetItemsProcessed(state.iterations() * state.range(1));
}
BENCHMARK(run_texts)
    ->ArgNames({"zh", "texts", "tokens", "variant"})
    ->ArgsProduct({{0, 1}, {1, 4, 16}, {16}, {1, 2, 3}})
    ->ArgsProduct({{0, 1}, {1}, {128, 512}, {2, 3}})
    ->Unit(benchmark::kMicrosecond);

void cut_text(benchmark::State& state) {
  const Model& model = model_of(false);
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        model.tokens_of("How do I reset the password of my account when I have lost my phone?"));
  }
}
BENCHMARK(cut_text)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace mynah::embed
