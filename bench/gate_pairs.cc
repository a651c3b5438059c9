// SPDX-License-Identifier: Apache-2.0
// gate_pairs [MODELS]: reads pairs of questions, a JSON array of two strings a line, and writes for
// each what the gate says of it, whether the canonical texts are equal, and the cosine of the two
// under the embedded model of their language when the folder of models is given. The last line
// tells what a canonical form and a judgement cost, in microseconds of processor time.
#include <cmath>
#include <ctime>
#include <fstream>
#include <iostream>
#include <optional>

#include "base/json.h"
#include "embed/kernels.h"
#include "embed/model.h"
#include "gate.h"

namespace {

using mynah::embed::Model;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

class Cosines final {
 public:
  explicit Cosines(const std::string& models) {
    if (models.empty()) return;
    auto english = Model::read(models + "/bge-small-en-v1.5-q");
    auto chinese = Model::read(models + "/bge-small-zh-v1.5-q");
    if (!english || !chinese) return;
    english_ = std::move(*english);
    chinese_ = std::move(*chinese);
  }

  // Between -1 and 1; 0 without models.
  double of(const std::string& a, const std::string& b, bool is_chinese) {
    if (!english_) return 0;
    const Model& model = is_chinese ? *chinese_ : *english_;
    const std::vector<float> x = vector_of(model, a);
    const std::vector<float> y = vector_of(model, b);
    double dot = 0;
    double xx = 0;
    double yy = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      dot += static_cast<double>(x[i]) * static_cast<double>(y[i]);
      xx += static_cast<double>(x[i]) * static_cast<double>(x[i]);
      yy += static_cast<double>(y[i]) * static_cast<double>(y[i]);
    }
    return dot / std::sqrt(xx * yy + 1e-12);
  }

 private:
  std::vector<float> vector_of(const Model& model, const std::string& text) {
    const auto tokens = model.tokens_of(text);
    const mynah::embed::TokenSpan one(tokens.ids);
    return model.bert().run(std::span(&one, 1), workspace_,
                            *mynah::embed::kernels_of_this_machine().back());
  }

  std::unique_ptr<const Model> english_;
  std::unique_ptr<const Model> chinese_;
  mynah::embed::Bert::Workspace workspace_;
};

}  // namespace

int main(int argc, char** argv) {
  Cosines cosines(argc > 1 ? argv[1] : "");
  double canonical_seconds = 0;
  double judge_seconds = 0;
  std::size_t pairs = 0;
  for (std::string line; std::getline(std::cin, line); ++pairs) {
    const auto parsed = mynah::Json::parse(line);
    if (!parsed || parsed->root().size() != 2) return 2;
    const std::string a(parsed->root().at(0).text());
    const std::string b(parsed->root().at(1).text());
    const double begin = cpu_seconds();
    const gate::CanonicalForm asked = gate::canonical(a);
    const gate::CanonicalForm stored = gate::canonical(b);
    const double middle = cpu_seconds();
    const gate::Verdict verdict = gate::judge(asked, stored);
    judge_seconds += cpu_seconds() - middle;
    canonical_seconds += middle - begin;
    std::cout << gate::name_of(verdict.reason) << '\t' << (asked.text == stored.text) << '\t'
              << cosines.of(a, b, asked.chinese) << '\n';
  }
  const double count = static_cast<double>(std::max<std::size_t>(pairs, 1));
  std::cout << canonical_seconds * 5e5 / count << '\t' << judge_seconds * 1e6 / count << '\n';
  return 0;
}
