// SPDX-License-Identifier: Apache-2.0
// Batching: a caller's texts join one queue, and a thread of the pool works on the queue, whoever's
// the texts are, until that caller's are done. So no thread idles while texts wait, nobody waits
// for company, and the busier it is the larger the batches are. tidy: allow-file shared_ptr: a call
// belongs to the coroutine that waits and to the thread at work
#include "embed/embedder.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <utility>

#include "base/text.h"
#include "embed/model.h"
#include "embed/unicode.h"

namespace mynah::embed {
namespace {

// As many texts as make a batch worth while, and no more tokens than fit the caches.
constexpr std::size_t kBatchTextsMax = 16;
constexpr std::size_t kBatchTokensMax = 512;
// What is looked at to tell the script: more than the tokens that a model takes.
constexpr std::size_t kScriptBytes = 4096;
// A model that could not be read is tried again after so long, since reading takes its time.
constexpr Duration kRetryAfter = 5s;
// Texts with a larger part that means nothing to the model are refused.
constexpr double kMeaninglessShareMax = 0.1;

bool has_ideographs(std::string_view text) {
  text = text.substr(0, kScriptBytes);
  while (!text.empty()) {
    if (is_ideograph(take_character(text))) return true;
  }
  return false;
}

std::optional<Error> objection(const Tokens& tokens, std::string_view model, std::size_t index) {
  if (tokens.of_text == 0)
    return Error{Errc::invalid_argument, cat("text ", index, " holds no word to embed")};
  const double share =
      static_cast<double>(tokens.meaningless) / static_cast<double>(tokens.of_text);
  if (share <= kMeaninglessShareMax) return std::nullopt;
  return Error{Errc::unsupported,
               cat("model ", model, " cannot represent text ", index, ": ", tokens.meaningless,
                   " of its ", tokens.of_text, " tokens are words or signs unknown to it")};
}

}  // namespace

// A model, read when it is first wanted. One thread reads, others wait for it.
class Embedder::Source final {
 public:
  Source(std::string name, std::string folder)
      : name_(std::move(name)), folder_(std::move(folder)) {}

  Result<const Model*> model(Instant now, const Logger& logger) {
    const std::lock_guard lock(mutex_);
    if (model_ != nullptr) return model_.get();
    if (failure_ && now < retry_at_) return *failure_;
    auto read = Model::read(folder_);
    if (read) {
      model_ = *std::move(read);
      failure_.reset();
      logger.info("an embedding model is ready", {{"model", name_}, {"width", model_->width()}});
      return model_.get();
    }
    failure_ = Error{Errc::unavailable, std::move(read).error().what};
    retry_at_ = now + kRetryAfter;
    logger.error("an embedding model cannot be read", {{"error", *failure_}});
    return *failure_;
  }

  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  const std::string name_;
  const std::string folder_;
  std::mutex mutex_;
  std::unique_ptr<const Model> model_;  // this and what follows guarded by mutex_
  std::optional<Error> failure_;
  Instant retry_at_;
};

struct Embedder::Call {
  explicit Call(std::size_t texts) : made(texts) {}

  Instant now;
  Embeddings made;
  std::size_t left = 0;        // guarded by the embedder's lock, as `error` is
  std::optional<Error> error;  // of the first text that has one
  std::atomic<bool> abandoned{false};
};

struct Embedder::Job {
  std::shared_ptr<Call> call;
  std::size_t index = 0;  // of the text in its call
  std::string text;
  Source* source = nullptr;
  Tokens tokens;
};

struct Embedder::Meters {
  explicit Meters(Metrics& metrics)
      : texts(metrics.counters("mynah_embed_texts_total", "Texts, by what became of them.",
                               {"outcome"})),
        batches(metrics.counter("mynah_embed_batches_total", "Runs of a model.")),
        batched(metrics.counter("mynah_embed_batched_texts_total", "Texts in runs of a model.")),
        tokens(metrics.counter("mynah_embed_tokens_total", "Tokens in runs of a model.")) {}

  void count(std::string_view outcome, std::size_t number = 1) {
    texts.with({outcome}).add(Slot::shared(), number);
  }

  CounterFamily& texts;
  Counter& batches;
  Counter& batched;
  Counter& tokens;
};

Embedder::Embedder(EmbedderOptions options, Metrics& metrics, Logger logger)
    : options_(std::move(options)),
      logger_(std::move(logger)),
      kernels_(*kernels_of_this_machine().back()),
      meters_(std::make_unique<Meters>(metrics)),
      memo_(options_.memo_bytes),
      pool_({.name = "embed",
             .threads = std::max<std::size_t>(1, options_.threads),
             .queue_max = options_.queue_texts_max}) {}

Embedder::~Embedder() = default;

Task<Result<Embeddings>> Embedder::embed(Loop& loop, EmbedRequest request) {
  const auto call = std::make_shared<Call>(request.texts.size());
  call->now = loop.now();
  // Whoever drops this coroutine wants no vectors any more.
  struct Abandon {
    Call& call;
    ~Abandon() { call.abandoned.store(true, std::memory_order_relaxed); }
  } const abandon{*call};

  std::vector<Job> jobs;
  for (std::size_t i = 0; i < request.texts.size(); ++i) {
    std::string& text = request.texts[i];
    Source& source = source_for(request, text);
    if (auto kept = memo_.find(source.name(), text)) {
      call->made[i] = *std::move(kept);
      meters_->count("memo");
    } else {
      jobs.push_back({call, i, std::move(text), &source, {}});
    }
  }
  if (jobs.empty()) co_return std::move(call->made);
  call->left = jobs.size();
  if (const std::size_t texts = jobs.size(); !enqueue(jobs)) {
    meters_->count("shed", texts);
    co_return Error{Errc::exhausted, "too many texts wait to be embedded: try again soon"};
  }
  MYNAH_CO_OK(co_await pool_.run(loop, [this, call] { work_until_done(*call); }));
  if (call->error) co_return *std::move(call->error);
  co_return std::move(call->made);
}

Embedder::Source& Embedder::source_for(const EmbedRequest& request, std::string_view text) {
  if (!request.folder.empty()) {
    const std::size_t slash = request.folder.find_last_of('/', request.folder.size() - 2);
    return ensure_source(request.folder.substr(slash == std::string::npos ? 0 : slash + 1),
                         request.folder);
  }
  const bool named = request.model == kEnglishModel || request.model == kChineseModel;
  const std::string_view name = named                  ? request.model
                                : has_ideographs(text) ? kChineseModel
                                                       : kEnglishModel;
  return ensure_source(std::string(name), cat(options_.folder, "/", name, "-q"));
}

Embedder::Source& Embedder::ensure_source(std::string name, std::string folder) {
  const std::lock_guard lock(mutex_);
  auto& source = sources_[folder];
  if (source == nullptr) source = std::make_unique<Source>(std::move(name), std::move(folder));
  return *source;
}

// All of them, or none.
bool Embedder::enqueue(std::vector<Job>& jobs) {
  std::size_t bytes = 0;
  for (const Job& job : jobs) bytes += job.text.size();
  const std::lock_guard lock(mutex_);
  if (queue_.size() + jobs.size() > options_.queue_texts_max ||
      queue_bytes_ + bytes > options_.queue_bytes_max)
    return false;
  queue_bytes_ += bytes;
  std::ranges::move(jobs, std::back_inserter(queue_));
  changed_.notify_all();
  return true;
}

void Embedder::work_until_done(const Call& call) {
  std::unique_lock lock(mutex_);
  while (call.left > 0) {
    if (queue_.empty()) {
      // The last of them are at work on other threads.
      changed_.wait(lock, [&] { return call.left == 0 || !queue_.empty(); });
      continue;
    }
    std::vector<Job> batch = take_batch();
    lock.unlock();
    run(batch);
    lock.lock();
    for (const Job& job : batch) --job.call->left;
    changed_.notify_all();
  }
}

// The first text that waits, and such as go to the same model.
std::vector<Embedder::Job> Embedder::take_batch() {
  std::vector<Job> batch;
  const Source* source = queue_.front().source;
  const std::size_t looked_at = std::min(queue_.size(), 4 * kBatchTextsMax);
  std::size_t bytes = 0;
  for (std::size_t i = 0, seen = 0; seen < looked_at && batch.size() < kBatchTextsMax; ++seen) {
    Job& job = queue_[i];
    // A token is some bytes of text: with this many the batch is large enough.
    const bool fits = batch.empty() || bytes + job.text.size() <= 4 * kBatchTokensMax;
    if (job.source != source || !fits) {
      ++i;
      continue;
    }
    bytes += job.text.size();
    queue_bytes_ -= job.text.size();
    batch.push_back(std::move(job));
    queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return batch;
}

void Embedder::run(std::vector<Job>& batch) {
  Source& source = *batch.front().source;
  const auto model = source.model(batch.front().call->now, logger_);
  if (model) return run_model(source, **model, batch);
  meters_->count("no_model", batch.size());
  const std::lock_guard lock(mutex_);
  for (const Job& job : batch) job.call->error = model.error();
}

void Embedder::run_model(Source& source, const Model& model, std::vector<Job>& batch) {
  std::vector<Job*> sound;
  std::vector<TokenSpan> texts;
  std::size_t tokens = 0;
  for (Job& job : batch) {
    if (job.call->abandoned.load(std::memory_order_relaxed)) continue;
    job.tokens = model.tokens_of(job.text);
    if (auto error = objection(job.tokens, source.name(), job.index)) {
      meters_->count("refused");
      const std::lock_guard lock(mutex_);
      if (!job.call->error) job.call->error = std::move(error);
      continue;
    }
    sound.push_back(&job);
    texts.emplace_back(job.tokens.ids);
    tokens += job.tokens.ids.size();
  }
  if (sound.empty()) return;
  auto workspace = take_workspace();
  const std::vector<float> vectors = model.bert().run(texts, *workspace, kernels_);
  for (std::size_t i = 0; i < sound.size(); ++i) {
    Job& job = *sound[i];
    const auto first = vectors.begin() + static_cast<std::ptrdiff_t>(i * model.width());
    const auto last = first + static_cast<std::ptrdiff_t>(model.width());
    Embedding made{std::make_shared<const std::vector<float>>(first, last), source.name(),
                   job.tokens.of_text, job.tokens.truncated};
    memo_.keep(source.name(), job.text, made);
    job.call->made[job.index] = std::move(made);
  }
  meters_->count("embedded", sound.size());
  meters_->batches.add(Slot::shared());
  meters_->batched.add(Slot::shared(), sound.size());
  meters_->tokens.add(Slot::shared(), tokens);
  const std::lock_guard lock(mutex_);
  workspaces_.push_back(std::move(workspace));
}

std::unique_ptr<Bert::Workspace> Embedder::take_workspace() {
  const std::lock_guard lock(mutex_);
  if (workspaces_.empty()) return std::make_unique<Bert::Workspace>();
  auto taken = std::move(workspaces_.back());
  workspaces_.pop_back();
  return taken;
}

}  // namespace mynah::embed
