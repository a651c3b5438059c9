// SPDX-License-Identifier: Apache-2.0
// The embedding service: texts of all workers in, vectors out.
//
//   Embedder embedder({.folder = "…/models"}, metrics, logger);
//   Result<Embeddings> made = co_await embedder.embed(loop, {.texts = {"What is a mynah?"}});
//
// Two models come with Mynah: an English one and a Chinese one. A text with ideographs goes to the
// Chinese model, any other to the English one. Vectors of the two have different widths and mean
// nothing to each other; each says which model it is of, and belongs into an index of that model.
//
// A text that its model cannot represent is refused: where most words are the same unknown token,
// all texts have the same vector, and a cache would take each for every other.
//
// A model is read when it is first asked for, and stays. Texts of different callers that wait at
// the same time run through a model together. Work happens on threads of the embedder's own; a
// caller's loop only waits.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "aio/loop.h"
#include "aio/pool.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/task.h"
#include "embed/bert.h"
#include "embed/memo.h"

namespace mynah::embed {

struct EmbedderOptions {
  std::string folder;  // of the models that come with Mynah
  std::size_t threads = 1;
  std::size_t queue_texts_max = 1024;        // texts that wait; calls beyond are refused
  std::size_t queue_bytes_max = 16U << 20U;  // the same, of their bytes
  std::size_t memo_bytes = 16U << 20U;
};

struct EmbedRequest {
  std::vector<std::string> texts;
  // A model of Mynah by its name, whatever the script; any other name leaves the choice to the
  // text.
  std::string model;
  // The folder of another model, to be used for all texts.
  std::string folder;
};

using Embeddings = std::vector<Embedding>;

inline constexpr std::string_view kEnglishModel = "bge-small-en-v1.5";
inline constexpr std::string_view kChineseModel = "bge-small-zh-v1.5";

class Embedder final {
 public:
  Embedder(EmbedderOptions options, Metrics& metrics, Logger logger);
  // Before the loops that wait for it.
  ~Embedder();
  Embedder(Embedder&&) = delete;

  // A vector for each text, or the reason why one of them has none:
  //   Errc::invalid_argument   a text without a word
  //   Errc::unsupported        a text that its model cannot represent
  //   Errc::unavailable        the model is missing or damaged
  //   Errc::exhausted          too many texts wait
  Task<Result<Embeddings>> embed(Loop& loop, EmbedRequest request);

 private:
  class Source;
  struct Call;
  struct Job;
  struct Meters;

  Source& source_for(const EmbedRequest& request, std::string_view text);
  Source& ensure_source(std::string name, std::string folder);
  bool enqueue(std::vector<Job>& jobs);
  void work_until_done(const Call& call);
  std::vector<Job> take_batch();
  void run(std::vector<Job>& batch);
  void run_model(Source& source, const class Model& model, std::vector<Job>& batch);
  std::unique_ptr<Bert::Workspace> take_workspace();

  const EmbedderOptions options_;
  const Logger logger_;
  const Kernels& kernels_;
  const std::unique_ptr<Meters> meters_;
  Memo memo_;
  std::mutex mutex_;  // guards all that follows but the pool
  std::condition_variable changed_;
  std::map<std::string, std::unique_ptr<Source>> sources_;  // by folder
  std::deque<Job> queue_;
  std::size_t queue_bytes_ = 0;
  std::vector<std::unique_ptr<Bert::Workspace>> workspaces_;
  BlockingPool pool_;
};

}  // namespace mynah::embed
